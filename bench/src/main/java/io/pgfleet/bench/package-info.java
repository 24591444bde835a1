/**
 * Workloads and measurements. They see a fleet from outside, as an application or a user does: over
 * JDBC, and through the program's own commands.
 */
@NullMarked
package io.pgfleet.bench;

import org.jspecify.annotations.NullMarked;
