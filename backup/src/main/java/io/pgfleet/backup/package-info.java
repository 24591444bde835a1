/**
 * The repository of a fleet: base backups, WAL and what proves that a fleet can be made from them.
 */
@NullMarked
package io.pgfleet.backup;

import org.jspecify.annotations.NullMarked;
