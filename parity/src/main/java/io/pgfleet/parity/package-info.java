/**
 * Holds the gateway against a direct connection. Stands outside the program: nothing of it is
 * shipped.
 */
@NullMarked
package io.pgfleet.parity;

import org.jspecify.annotations.NullMarked;
