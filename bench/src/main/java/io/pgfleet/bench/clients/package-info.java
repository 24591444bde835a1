/**
 * Very many clients at once on one gateway: opened, idle, some of them active, and all at once
 * while the server is away. {@link io.pgfleet.bench.clients.ClientsBenchmark} is the way in.
 */
@NullMarked
package io.pgfleet.bench.clients;

import org.jspecify.annotations.NullMarked;
