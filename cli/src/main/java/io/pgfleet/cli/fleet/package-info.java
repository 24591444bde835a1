/** Which fleet a command means, and where it keeps what belongs to it. */
@NullMarked
package io.pgfleet.cli.fleet;

import org.jspecify.annotations.NullMarked;
