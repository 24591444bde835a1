/**
 * What the gateway counts, times and writes down, and how Prometheus gets it. Knows nothing of
 * sockets and loops: each loop fills its own figures, and copies of them are added up elsewhere.
 */
@NullMarked
package io.pgfleet.gateway.observe;

import org.jspecify.annotations.NullMarked;
