/** WAL that PostgreSQL hands over by its archive_command, a file at a time. */
@NullMarked
package io.pgfleet.backup.push;

import org.jspecify.annotations.NullMarked;
