/**
 * The workload on the CardDB example, which counts what it was promised and checks it afterwards.
 * {@link io.pgfleet.bench.carddb.Workload} and {@link io.pgfleet.bench.carddb.ItemLoader} are the
 * ways in.
 */
@NullMarked
package io.pgfleet.bench.carddb;

import org.jspecify.annotations.NullMarked;
