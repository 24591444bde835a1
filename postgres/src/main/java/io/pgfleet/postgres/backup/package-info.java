/**
 * Copies of a running server over its replication protocol, and the slots that keep WAL for those
 * who follow it.
 */
@NullMarked
package io.pgfleet.postgres.backup;

import org.jspecify.annotations.NullMarked;
