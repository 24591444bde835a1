/**
 * What the gateway costs, beside no gateway and beside PgBouncer, under pgbench. {@link
 * io.pgfleet.bench.gateway.GatewayBenchmark} is the way in.
 */
@NullMarked
package io.pgfleet.bench.gateway;

import org.jspecify.annotations.NullMarked;
