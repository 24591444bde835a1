/** A fleet of the real program on hosts of its own, to be measured or broken. */
@NullMarked
package io.pgfleet.testkit.fleet;

import org.jspecify.annotations.NullMarked;
