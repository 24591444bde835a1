package io.pgfleet.bench.carddb;

import java.util.UUID;

/** One thing that a client of the workload does. */
sealed interface Operation {
  /** What kinds there are, as they are shown. */
  enum Kind {
    SEARCH,
    SHOW,
    ADD,
    TRADE
  }

  Kind kind();

  /** Looks cards up by an attribute, given as JSON. */
  record Search(String attributes) implements Operation {
    @Override
    public Kind kind() {
      return Kind.SEARCH;
    }
  }

  /** Shows what is in a collection. */
  record Show(long collection) implements Operation {
    @Override
    public Kind kind() {
      return Kind.SHOW;
    }
  }

  /** Changes something, and is done once however often it is asked for. */
  sealed interface Write extends Operation {
    UUID id();
  }

  /** Puts copies of a card into a collection. */
  record Add(UUID id, long collection, long card, String condition, int quantity) implements Write {
    @Override
    public Kind kind() {
      return Kind.ADD;
    }
  }

  /**
   * Moves one copy from one collector to another, and coins the other way.
   *
   * @param nearCard the copy is of the first card from this one on that the seller has
   */
  record Trade(
      UUID id, Holdings.Collection seller, Holdings.Collection buyer, long nearCard, int price)
      implements Write {
    @Override
    public Kind kind() {
      return Kind.TRADE;
    }
  }
}
