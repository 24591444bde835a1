/** Tests of the plan. */
@NullMarked
package io.pgfleet.chaos.plan;

import org.jspecify.annotations.NullMarked;
