/**
 * I/O engines under the same small forwarder, to choose one by measurement. {@link
 * io.pgfleet.bench.engine.EngineBenchmark} is the way in; the forwarders are in the module
 * bench-engine, outside the program.
 */
@NullMarked
package io.pgfleet.bench.engine;

import org.jspecify.annotations.NullMarked;
