package io.pgfleet.bench.carddb;

import java.util.UUID;

/**
 * The name of one write, which is also stored with what it did: the run in the upper half, client
 * and number in the lower, so that the writes of a run lie together in the key's order.
 *
 * @param run random, to tell runs apart
 * @param client from 0
 * @param sequence from 0, counted by the client
 */
record OperationId(long run, int client, int sequence) {
  OperationId {
    if (client < 0 || sequence < 0) {
      throw new IllegalArgumentException("client and sequence count from 0");
    }
  }

  UUID uuid() {
    return new UUID(run, (long) client << Integer.SIZE | sequence);
  }

  static OperationId of(UUID uuid) {
    long lower = uuid.getLeastSignificantBits();
    return new OperationId(
        uuid.getMostSignificantBits(), (int) (lower >>> Integer.SIZE), (int) lower);
  }

  /** The lowest id of a run; PostgreSQL compares ids byte by byte. */
  static UUID first(long run) {
    return new UUID(run, 0);
  }

  /** Above every id of a run. */
  static UUID last(long run) {
    return new UUID(run, -1L);
  }
}
