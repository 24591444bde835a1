package io.pgfleet.chaos.check;

import java.time.Instant;

/**
 * A time in which a server, without a start or a promotion in between, accepted writes.
 *
 * @param first when the first write began
 * @param last when the last one did
 * @param writes how many
 */
public record Reign(String node, Instant first, Instant last, int writes) {
  boolean overlaps(Reign other) {
    return !first.isAfter(other.last) && !other.first.isAfter(last);
  }

  @Override
  public String toString() {
    return node + " from " + first + " to " + last + " (" + writes + " writes)";
  }
}
