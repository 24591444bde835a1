/** Messages the gateway itself reads or makes. Pure: bytes in, bytes out. */
@NullMarked
package io.pgfleet.gateway.message;

import org.jspecify.annotations.NullMarked;
