/**
 * How much of a read-only mix standbys take off the primary. {@link
 * io.pgfleet.bench.reads.ReadsBenchmark} is the way in.
 */
@NullMarked
package io.pgfleet.bench.reads;

import org.jspecify.annotations.NullMarked;
