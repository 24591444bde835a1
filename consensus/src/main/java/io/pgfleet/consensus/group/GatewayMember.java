package io.pgfleet.consensus.group;

/**
 * What a gateway of a process of its own says of itself.
 *
 * @param id of its process; never used again
 * @param pid on its host
 * @param address where it listens, for people to read
 * @param drained the {@link Hold#id} under which it has no running transaction left; empty if none
 */
public record GatewayMember(String id, long pid, String address, String drained) {
  /** The same under a hold. */
  public GatewayMember drainedFor(String hold) {
    return new GatewayMember(id, pid, address, hold);
  }
}
