/**
 * The one address applications connect to: authentication, transaction pooling, holding through a
 * failover. {@link io.pgfleet.gateway.Gateway} is the way in.
 */
@NullMarked
package io.pgfleet.gateway;

import org.jspecify.annotations.NullMarked;
