/** A fleet for a measurement: its own folder and ports, started by the program's own commands. */
@NullMarked
package io.pgfleet.bench.fleet;

import org.jspecify.annotations.NullMarked;
