/** WAL: streamed into the repository as it is written, and fetched again for a recovery. */
@NullMarked
package io.pgfleet.backup.wal;

import org.jspecify.annotations.NullMarked;
