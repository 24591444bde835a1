/**
 * HTTP checks that tell load balancers what a node is, with Patroni's paths and status codes. Used
 * by the program around an agent.
 */
@NullMarked
package io.pgfleet.agent.checks;

import org.jspecify.annotations.NullMarked;
