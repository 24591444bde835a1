/** Fleets whose agents and gateways run as they do on hosts of their own. */
@NullMarked
package io.pgfleet.cli.hosts;

import org.jspecify.annotations.NullMarked;
