/** Tests of the program behind up. */
@NullMarked
package io.pgfleet.cli.up;

import org.jspecify.annotations.NullMarked;
