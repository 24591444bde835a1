/** Which backups and which WAL are kept, and whether what is kept is as it was written. */
@NullMarked
package io.pgfleet.backup.keep;

import org.jspecify.annotations.NullMarked;
