package io.pgfleet.spec;

/**
 * One of the agents that keep the agreed state together.
 *
 * @param name of its node or, of a witness, its own
 * @param number in the ensemble, from 1; it never changes
 * @param witness whether it has no PostgreSQL server
 * @param address where agents and gateways reach it
 * @param quorumPort where the other members follow it while it leads
 * @param electionPort where members elect the one that leads
 */
public record ConsensusMember(
    NodeName name,
    int number,
    boolean witness,
    HostPort address,
    int quorumPort,
    int electionPort) {}
