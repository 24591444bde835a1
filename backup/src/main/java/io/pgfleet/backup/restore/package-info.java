/** From the repository back to a server: which backup, which WAL, and the recovery itself. */
@NullMarked
package io.pgfleet.backup.restore;

import org.jspecify.annotations.NullMarked;
