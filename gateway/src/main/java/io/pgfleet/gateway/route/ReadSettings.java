package io.pgfleet.gateway.route;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which statements standbys answer.
 *
 * @param mode for databases that have none of their own
 * @param databases modes of databases, by name
 * @param maxLag in time; a standby further behind answers none
 * @param maxLagBytes in write-ahead log; a standby further behind answers none
 * @param ownWrites whose earlier writes a read is certain to see
 * @param allBehind what a read does when no standby is near enough
 * @param region of the gateway; standbys of the same one answer first
 * @param readFunctions functions that only read, as calls name them
 */
public record ReadSettings(
    Mode mode,
    Map<String, Mode> databases,
    Duration maxLag,
    long maxLagBytes,
    OwnWrites ownWrites,
    AllBehind allBehind,
    Optional<String> region,
    List<String> readFunctions) {
  /** Safe reads go to standbys that are at most a second or 16 MB behind. */
  public static final ReadSettings DEFAULT =
      new ReadSettings(
          Mode.AUTOMATIC,
          Map.of(),
          Duration.ofSeconds(1),
          16L << 20,
          OwnWrites.SESSION,
          AllBehind.PRIMARY,
          Optional.empty(),
          List.of());

  /** Whether standbys answer reads. */
  public enum Mode {
    /** Statements that certainly only read, and what asks for it. */
    AUTOMATIC,
    /** None. */
    OFF
  }

  /** Whose earlier writes a read is certain to see. */
  public enum OwnWrites {
    /** Those of its connection. */
    SESSION,
    /** Those of its user, through this gateway. */
    USER,
    /** Perhaps nobody's. */
    OFF
  }

  /** What a read does when no standby is near enough. */
  public enum AllBehind {
    /** Go to the primary. */
    PRIMARY,
    /** Wait for a standby, as long as for any server. */
    WAIT,
    /** Fail. */
    ERROR
  }

  public ReadSettings {
    databases = Map.copyOf(databases);
    readFunctions = List.copyOf(readFunctions);
    if (!maxLag.isPositive() || maxLagBytes < 1) {
      throw new IllegalArgumentException("max_lag and max_lag_bytes are more than zero");
    }
  }

  /** Whether standbys answer reads of clients of a database. */
  public Mode mode(String database) {
    return databases.getOrDefault(database, mode);
  }

  /** The same but for what does not change while a gateway runs, which is as in the other. */
  public ReadSettings lastingAs(ReadSettings other) {
    return new ReadSettings(
        mode,
        databases,
        other.maxLag,
        maxLagBytes,
        ownWrites,
        allBehind,
        region,
        other.readFunctions);
  }
}
