/** The program behind {@code up}: all roles of a fleet on one machine, in one process. */
@NullMarked
package io.pgfleet.cli.up;

import org.jspecify.annotations.NullMarked;
