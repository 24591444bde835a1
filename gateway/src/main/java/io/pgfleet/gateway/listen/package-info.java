/**
 * LISTEN and UNLISTEN of clients without a server of their own: what a statement says, which
 * channels a client has, and who hears a notification. No I/O.
 */
@NullMarked
package io.pgfleet.gateway.listen;

import org.jspecify.annotations.NullMarked;
