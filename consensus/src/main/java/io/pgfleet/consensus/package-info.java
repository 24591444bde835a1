/**
 * Agreed state: a small tree of versioned values that every process of a fleet sees the same, and
 * sessions whose entries vanish with them (leases). Apache ZooKeeper keeps it, in a server inside
 * this JVM or in an ensemble elsewhere. Knows nothing about PostgreSQL, agents or fleet.yaml; any
 * capability may use it.
 *
 * <p>ZooKeeper and Curator log through slf4j under {@code org.apache.zookeeper} and {@code
 * org.apache.curator}; a program that wants a quiet log sets these two to ERROR.
 */
@NullMarked
package io.pgfleet.consensus;

import org.jspecify.annotations.NullMarked;
