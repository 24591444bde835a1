/**
 * The decisions of an agent, as functions of values: no clock, no thread, no I/O. That is what lets
 * tests try every interleaving.
 */
@NullMarked
package io.pgfleet.agent.decide;

import org.jspecify.annotations.NullMarked;
