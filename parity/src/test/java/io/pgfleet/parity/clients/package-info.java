/** Clients of many kinds, directly and through the gateway. */
@NullMarked
package io.pgfleet.parity.clients;

import org.jspecify.annotations.NullMarked;
