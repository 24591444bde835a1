/** Tests of the page. */
@NullMarked
package io.pgfleet.chaos.report;

import org.jspecify.annotations.NullMarked;
