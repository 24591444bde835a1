/** Which faults come in which order, from a seed alone. No I/O, no clock. */
@NullMarked
package io.pgfleet.chaos.plan;

import org.jspecify.annotations.NullMarked;
