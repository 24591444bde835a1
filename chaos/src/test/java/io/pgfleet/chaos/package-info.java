/** Short runs of the whole. */
@NullMarked
package io.pgfleet.chaos;

import org.jspecify.annotations.NullMarked;
