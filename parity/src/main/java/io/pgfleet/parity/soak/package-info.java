/**
 * Many clients that leave, cancel and are killed at any moment, and never see what is another's.
 */
@NullMarked
package io.pgfleet.parity.soak;

import org.jspecify.annotations.NullMarked;
