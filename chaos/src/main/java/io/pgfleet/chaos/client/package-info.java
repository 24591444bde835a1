/** Clients of the fleet that write down what they were told. */
@NullMarked
package io.pgfleet.chaos.client;

import org.jspecify.annotations.NullMarked;
