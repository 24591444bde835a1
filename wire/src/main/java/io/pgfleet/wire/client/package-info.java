/**
 * A small blocking client of PostgreSQL, for what pgfleet itself asks of a server: base backups,
 * checks, the SQL shell. One thread uses a connection at a time; waiting parks a virtual thread.
 * Values travel as text. Applications use a driver of their own instead.
 */
@NullMarked
package io.pgfleet.wire.client;

import org.jspecify.annotations.NullMarked;
