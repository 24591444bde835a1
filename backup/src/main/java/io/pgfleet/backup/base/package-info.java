/** Base backups: taking one from a server, what it consists of, and putting its files back. */
@NullMarked
package io.pgfleet.backup.base;

import org.jspecify.annotations.NullMarked;
