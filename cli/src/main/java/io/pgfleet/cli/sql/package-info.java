/**
 * The SQL shell: scripts, meta commands and the interactive prompt, over the protocol alone, since
 * the embedded PostgreSQL brings no psql. {@link io.pgfleet.cli.sql.SqlCommand} is the command,
 * {@link io.pgfleet.cli.sql.SqlScript} runs a file for other parts of the program.
 */
@NullMarked
package io.pgfleet.cli.sql;

import org.jspecify.annotations.NullMarked;
