/** Repositories at work: who archives, who takes base backups and when, and how they are opened. */
@NullMarked
package io.pgfleet.cli.archive;

import org.jspecify.annotations.NullMarked;
