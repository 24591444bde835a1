/** The hosts, the fleet's processes on them, and the faults done to them. */
@NullMarked
package io.pgfleet.chaos.stage;

import org.jspecify.annotations.NullMarked;
