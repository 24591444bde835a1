/**
 * A PostgreSQL server as a process: made, configured, started, stopped, promoted and watched. The
 * agent calls it; it knows nothing of leases or fleets.
 */
@NullMarked
package io.pgfleet.postgres;

import org.jspecify.annotations.NullMarked;
