package io.pgfleet.consensus.group;

/**
 * An operator's wish that a node's server be restarted in its place, carried out at most once.
 *
 * @param force whether to end transactions that do not end by themselves in time; without it a
 *     primary is left running then
 */
public record RestartOrder(boolean force) {}
