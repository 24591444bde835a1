/**
 * The user's intent: {@code fleet.yaml} as records, read and checked by {@link
 * io.pgfleet.spec.FleetFile}. Any module may use it, it uses none.
 */
@NullMarked
package io.pgfleet.spec;

import org.jspecify.annotations.NullMarked;
