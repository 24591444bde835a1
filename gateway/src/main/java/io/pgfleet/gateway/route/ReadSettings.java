package io.pgfleet.gateway.route;

import java.time.Duration;
import java.util.Set;

/**
 * How reads are spread.
 *
 * @param automatic whether statements that only read go to standbys without being told to
 * @param maxLagBytes WAL that a standby may lack and still serve
 * @param maxLag time that a standby may be behind and still serve
 * @param allBehind what a read does for which no standby may serve
 * @param ownWrites whose writes a read must see
 * @param readFunctions names of functions that only read, whatever the catalog says
 * @param region where the gateway stands; standbys there are preferred
 */
public record ReadSettings(
    boolean automatic,
    long maxLagBytes,
    Duration maxLag,
    AllBehind allBehind,
    OwnWrites ownWrites,
    Set<String> readFunctions,
    String region) {
  /** What a read does for which no standby may serve. */
  public enum AllBehind {
    /** It goes to the primary. */
    PRIMARY,
    /** It waits for a standby, as long as for a server. */
    WAIT,
    /** It fails. */
    ERROR
  }

  /** Whose writes a read must see. */
  public enum OwnWrites {
    /** Those of its own connection. */
    SESSION,
    /** Those of all connections of its user to its database through this gateway. */
    USER,
    /** Nobody's. */
    OFF
  }

  /** Automatic, bounded by 16 MiB and 10 s, sees what its user wrote. */
  public static final ReadSettings USUAL =
      new ReadSettings(
          true,
          16L << 20,
          Duration.ofSeconds(10),
          AllBehind.PRIMARY,
          OwnWrites.USER,
          Set.of(),
          "local");

  public ReadSettings {
    readFunctions = Set.copyOf(readFunctions);
    if (maxLagBytes < 0 || maxLag.isNegative() || maxLag.isZero()) {
      throw new IllegalArgumentException("the bounds of lag must be positive");
    }
  }
}
