/** TLS between a connection's bytes and its socket: sessions, certificates, channel binding. */
@NullMarked
package io.pgfleet.gateway.tls;

import org.jspecify.annotations.NullMarked;
