/** How clients reach the gateway: networks, the PROXY protocol, Unix-domain sockets. */
@NullMarked
package io.pgfleet.gateway.transport;

import org.jspecify.annotations.NullMarked;
