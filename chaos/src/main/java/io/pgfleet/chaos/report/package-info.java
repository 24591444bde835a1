/** The page that shows a run. No I/O. */
@NullMarked
package io.pgfleet.chaos.report;

import org.jspecify.annotations.NullMarked;
