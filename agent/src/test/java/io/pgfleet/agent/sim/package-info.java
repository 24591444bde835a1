/**
 * A group of agents in simulated time: their real rounds and decisions over servers, networks and
 * consensus made of memory, driven by a seed.
 */
@NullMarked
package io.pgfleet.agent.sim;

import org.jspecify.annotations.NullMarked;
