package io.pgfleet.backup.base;

import io.pgfleet.backup.Archive;
import io.pgfleet.wire.Lsn;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Backups of no server, in an archive. */
public final class FabricatedBackups {
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final Archive archive;
  private final int segment;
  private int made;

  /** Backups of a cluster with segments of a size. */
  public FabricatedBackups(Archive archive, int segment) {
    this.archive = archive;
    this.segment = segment;
  }

  private static String id(Instant began, int number) {
    return id(began, number, false);
  }

  private static String id(Instant began, int number, boolean incremental) {
    return NAME.format(began) + (incremental ? "-incr-" : "-full-") + "%04x".formatted(number);
  }

  /** Puts one with so many packs. */
  public Manifest put(
      Instant began, Instant ended, int timeline, Lsn start, Lsn finish, int packs) {
    return put(began, ended, timeline, new Lsn[] {start, finish}, packs, Optional.empty());
  }

  /**
   * Puts one that may be based on another.
   *
   * @param span its start and its finish
   */
  public Manifest put(
      Instant began, Instant ended, int timeline, Lsn[] span, int packs, Optional<String> prior) {
    String id = id(began, made++, prior.isPresent());
    List<Archive.Stored> stored = new ArrayList<>();
    for (int i = 0; i < packs; i++) {
      byte[] content = "%s %04d".formatted(id, i).getBytes(StandardCharsets.US_ASCII);
      ByteBuffer pack = ByteBuffer.allocateDirect(content.length).put(content).flip();
      stored.add(archive.writer(content.length, Arena.ofAuto()).put(Manifest.pack(id, i), pack));
    }
    Manifest manifest =
        new Manifest(
            prior.isPresent() ? Manifest.INCREMENTAL_FORMAT : Manifest.FORMAT,
            id,
            7,
            "18.6",
            "n1",
            timeline,
            span[0],
            span[1],
            timeline,
            began,
            ended,
            0,
            stored.stream().mapToLong(Archive.Stored::bytes).sum(),
            List.of(),
            List.of(),
            stored.stream().map(_ -> id.length() + 5).toList(),
            segment,
            stored.stream().map(Archive.Stored::checksum).toList(),
            prior,
            Optional.empty());
    new Backups(archive).complete(manifest);
    return manifest;
  }

  /** Puts one that lasted no time, with a pack. */
  public Manifest put(Instant at, int timeline, Lsn position) {
    return put(at, at, timeline, position, position, 1);
  }

  /** Puts the packs of one that was killed. */
  public String killed(Instant began, int packs) {
    String id = id(began, made++);
    for (int i = 0; i < packs; i++) {
      archive.put(Manifest.pack(id, i), new byte[10]);
    }
    return id;
  }
}
