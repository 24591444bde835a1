/**
 * The admin database {@code pgbouncer}: its commands, its tables, and the protocol in which they
 * are asked for. Knows the gateway only by {@link io.pgfleet.gateway.admin.Control}.
 */
@NullMarked
package io.pgfleet.gateway.admin;

import org.jspecify.annotations.NullMarked;
