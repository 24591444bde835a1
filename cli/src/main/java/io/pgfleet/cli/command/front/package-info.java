/** {@code pgfleet deploy} for programs that stand in front of a fleet. */
@NullMarked
package io.pgfleet.cli.command.front;

import org.jspecify.annotations.NullMarked;
