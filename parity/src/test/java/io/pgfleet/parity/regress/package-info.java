/** The comparison of outputs, without servers. */
@NullMarked
package io.pgfleet.parity.regress;

import org.jspecify.annotations.NullMarked;
