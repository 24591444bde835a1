/** Hosts with addresses of their own on one machine, and the faults of networks between them. */
@NullMarked
package io.pgfleet.testkit.host;

import org.jspecify.annotations.NullMarked;
