/** Tests of what clients make of errors. */
@NullMarked
package io.pgfleet.chaos.client;

import org.jspecify.annotations.NullMarked;
