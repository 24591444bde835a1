/** How many rows each table had at a moment, so that a restored server can be compared with it. */
@NullMarked
package io.pgfleet.backup.rows;

import org.jspecify.annotations.NullMarked;
