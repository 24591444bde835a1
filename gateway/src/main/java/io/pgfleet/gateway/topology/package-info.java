/** The servers that a gateway may use, as the fleet says they are. */
@NullMarked
package io.pgfleet.gateway.topology;

import org.jspecify.annotations.NullMarked;
