/**
 * The language in which {@code fleet.yaml} is declared: a {@link io.pgfleet.spec.setting.Setting}
 * has a key, a {@link io.pgfleet.spec.setting.Kind} of value, a default and a sentence, and from
 * that alone come reading, checking, error texts, the reference page and the JSON Schema. Only
 * {@code io.pgfleet.spec} may use it; it knows nothing of fleets.
 */
@NullMarked
package io.pgfleet.spec.setting;

import org.jspecify.annotations.NullMarked;
