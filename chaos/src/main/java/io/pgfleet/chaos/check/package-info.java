/** Whether what clients were told agrees with what servers hold and logged. No I/O, no clock. */
@NullMarked
package io.pgfleet.chaos.check;

import org.jspecify.annotations.NullMarked;
