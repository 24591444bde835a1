/** Agreed state in memory, with the weaknesses that the interface allows. */
@NullMarked
package io.pgfleet.consensus;

import org.jspecify.annotations.NullMarked;
