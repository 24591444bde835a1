/**
 * How fast a full backup and a restore are, and what they take: pgfleet beside pgBackRest, on the
 * same database.
 */
@NullMarked
package io.pgfleet.bench.backup;

import org.jspecify.annotations.NullMarked;
