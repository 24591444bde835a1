/**
 * Tables as files and files as tables, through COPY: for who wants rows, not servers. It knows
 * nothing of repositories.
 */
@NullMarked
package io.pgfleet.backup.logical;

import org.jspecify.annotations.NullMarked;
