/**
 * The smallest forwarders with transaction pooling that show what an I/O engine costs: each reads
 * and frames the protocol, lends servers to clients, and does nothing else. Started by {@code
 * pgfleet bench engine}; not part of the program.
 */
@NullMarked
package io.pgfleet.bench.engine.forward;

import org.jspecify.annotations.NullMarked;
