/** Drills: a repository proves that it can be restored from, by being restored. */
@NullMarked
package io.pgfleet.backup.drill;

import org.jspecify.annotations.NullMarked;
