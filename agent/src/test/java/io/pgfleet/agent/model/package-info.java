/**
 * A group of small servers whose every order of steps is tried, within bounds: the real decisions
 * of an agent over a model of servers, replication, sessions and the agreed state. {@link
 * io.pgfleet.agent.model.Explorer} says what is counted, {@link io.pgfleet.agent.model.Rules} what
 * must hold.
 */
@NullMarked
package io.pgfleet.agent.model;

import org.jspecify.annotations.NullMarked;
