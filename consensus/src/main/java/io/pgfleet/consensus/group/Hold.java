package io.pgfleet.consensus.group;

/**
 * A word to all gateways of a group: begin no transaction until it is taken back.
 *
 * @param id never used again
 */
public record Hold(String id) {}
