/** {@code pgfleet backup}. */
@NullMarked
package io.pgfleet.cli.command.backup;

import org.jspecify.annotations.NullMarked;
