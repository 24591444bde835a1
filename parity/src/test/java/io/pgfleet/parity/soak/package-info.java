/** A short soak, and streams of bytes that no client should send. */
@NullMarked
package io.pgfleet.parity.soak;

import org.jspecify.annotations.NullMarked;
