/**
 * How the SQL shell writes results: psql's tables, records, delimited text, JSON. Pure text, no
 * terminal and no connection.
 */
@NullMarked
package io.pgfleet.cli.sql.print;

import org.jspecify.annotations.NullMarked;
