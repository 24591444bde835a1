/** Histories that are broken on purpose. */
@NullMarked
package io.pgfleet.chaos.check;

import org.jspecify.annotations.NullMarked;
