/**
 * How long a fleet takes to start and to tell how it is. {@link
 * io.pgfleet.bench.startup.StartupBenchmark} is the way in.
 */
@NullMarked
package io.pgfleet.bench.startup;

import org.jspecify.annotations.NullMarked;
