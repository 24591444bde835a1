/** Reads pgbouncer.ini and userlist.txt. */
@NullMarked
package io.pgfleet.migrate.pgbouncer;

import org.jspecify.annotations.NullMarked;
