package io.pgfleet.postgres.data;

import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import io.pgfleet.wire.Lsn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The part of {@code global/pg_control} that pgfleet goes by (PostgreSQL's
 * src/include/catalog/pg_control.h; control versions 1300, PostgreSQL 13 to 17, and 1800,
 * PostgreSQL 18).
 *
 * @param systemIdentifier unsigned; the same on a primary and its standbys
 * @param state what the server was doing when it last wrote the file
 * @param checkpoint where the last checkpoint's record begins
 * @param redo where recovery from it begins
 * @param timeline the timeline of the last checkpoint
 * @param minRecoveryPoint how far a standby must replay before its data is consistent
 * @param minRecoveryTimeline the timeline of that point, 0 if there is none
 * @param primarySettings the settings by which a primary sizes what its standbys must have at least
 *     as much of, as the WAL told last (PostgreSQL manual, 'Hot Standby', Administrator's Overview)
 * @param checksumVersion 0 if data pages carry no checksums
 */
public record ControlFile(
    long systemIdentifier,
    State state,
    Lsn checkpoint,
    Lsn redo,
    int timeline,
    Lsn minRecoveryPoint,
    int minRecoveryTimeline,
    Map<String, Integer> primarySettings,
    int checksumVersion) {
  public ControlFile {
    primarySettings = Map.copyOf(primarySettings);
  }

  /** DBState, in its order. */
  public enum State {
    /** Starting up. */
    STARTUP,
    /** Shut down cleanly as a primary. */
    SHUT_DOWN,
    /** Shut down cleanly as a standby. */
    SHUT_DOWN_IN_RECOVERY,
    /** Shutting down. */
    SHUTTING_DOWN,
    /** Recovering from a crash. */
    IN_CRASH_RECOVERY,
    /** A standby at work, or one that was killed. */
    IN_ARCHIVE_RECOVERY,
    /** A primary at work, or one that was killed. */
    IN_PRODUCTION
  }

  private static final int VERSION_13 = 1300;
  private static final int VERSION_18 = 1800;
  private static final int OFFSET_VERSION = 8;
  private static final int OFFSET_STATE = 16;
  private static final int OFFSET_CHECKPOINT = 32;
  private static final int OFFSET_REDO = 40;
  private static final int OFFSET_TIMELINE = 48;
  private static final int OFFSET_MIN_RECOVERY = 136;
  private static final int OFFSET_MIN_RECOVERY_TIMELINE = 144;
  private static final Map<String, Integer> OFFSETS_OF_SETTINGS =
      Map.of(
          "max_connections", 180,
          "max_worker_processes", 184,
          "max_wal_senders", 188,
          "max_prepared_transactions", 192,
          "max_locks_per_transaction", 196);
  private static final int OFFSET_CHECKSUMS = 252;
  private static final int OFFSET_CRC_13 = 288;
  private static final int OFFSET_CRC_18 = 292;

  /** Whether data pages carry checksums. */
  public boolean hasChecksums() {
    return checksumVersion != 0;
  }

  /** The system identifier as PostgreSQL shows it. */
  public String systemIdentifierText() {
    return Long.toUnsignedString(systemIdentifier);
  }

  /**
   * Reads the file's bytes.
   *
   * @throws ServerException if they are too few, of an unknown version, or fail their CRC-32C
   */
  public static ControlFile parse(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    if (bytes.length < OFFSET_CRC_18 + Integer.BYTES) {
      throw damaged("is cut short");
    }
    int version = in.getInt(OFFSET_VERSION);
    int crcOffset =
        switch (version) {
          case VERSION_13 -> OFFSET_CRC_13;
          case VERSION_18 -> OFFSET_CRC_18;
          default -> throw damaged("has the unknown version " + version);
        };
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, crcOffset);
    if ((int) crc.getValue() != in.getInt(crcOffset)) {
      throw damaged("fails its checksum");
    }
    int state = in.getInt(OFFSET_STATE);
    if (state < 0 || state >= State.values().length) {
      throw damaged("has the unknown state " + state);
    }
    return new ControlFile(
        in.getLong(0),
        State.values()[state],
        new Lsn(in.getLong(OFFSET_CHECKPOINT)),
        new Lsn(in.getLong(OFFSET_REDO)),
        in.getInt(OFFSET_TIMELINE),
        new Lsn(in.getLong(OFFSET_MIN_RECOVERY)),
        in.getInt(OFFSET_MIN_RECOVERY_TIMELINE),
        primarySettings(in),
        in.getInt(OFFSET_CHECKSUMS));
  }

  private static Map<String, Integer> primarySettings(ByteBuffer in) {
    Map<String, Integer> settings = new HashMap<>();
    OFFSETS_OF_SETTINGS.forEach((name, offset) -> settings.put(name, in.getInt(offset)));
    return settings;
  }

  private static ServerException damaged(String how) {
    return new ServerException(
        Kind.DAMAGED,
        "The file global/pg_control " + how + ".",
        "Take the data folder from a backup or clone it from the primary.");
  }
}
