/** How long writing stops when a primary is lost or moved: pgfleet beside Patroni. */
@NullMarked
package io.pgfleet.bench.failover;

import org.jspecify.annotations.NullMarked;
