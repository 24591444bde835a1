/**
 * Waiting for sockets and moving their bytes: by the JDK's selector anywhere, by epoll of the
 * kernel itself on Linux. Used by the gateway's loops, each from its own thread.
 */
@NullMarked
package io.pgfleet.gateway.poll;

import org.jspecify.annotations.NullMarked;
