package io.pgfleet.backup.base;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.base.Manifest.PackedFile;
import io.pgfleet.backup.base.Unpacking.Piece;
import io.pgfleet.postgres.backup.BackupSink;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The manifest that the server itself writes of a backup. An incremental backup is asked for by
 * giving it back, so it is packed behind the files, as one more. A restore leaves it out.
 */
final class ServerManifest implements BackupSink {
  /** What PostgreSQL calls it. */
  static final String NAME = "backup_manifest";

  private final BackupSink files;
  private final ByteArrayOutputStream manifest = new ByteArrayOutputStream();
  private boolean begun;

  /** Hands the files on. */
  ServerManifest(BackupSink files) {
    this.files = files;
  }

  /** What was packed of a backup's; none if there is none. */
  static boolean isIn(Manifest backup) {
    return backup.file(NAME).isPresent();
  }

  /** That of a backup in the archive. */
  static InputStream of(Archive archive, Manifest backup) {
    PackedFile file = backup.file(NAME).orElseThrow();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<List<Piece>> plan = Unpacking.plan(backup.only(List.of(), List.of(file)));
    for (int pack = 0; pack < plan.size(); pack++) {
      for (Piece piece : plan.get(pack)) {
        byte[] content = Unpacking.pack(archive, backup, pack);
        bytes.write(content, piece.offset(), piece.length());
      }
    }
    return new ByteArrayInputStream(bytes.toByteArray());
  }

  /** Whether the server has sent a file. */
  boolean begun() {
    return begun;
  }

  @Override
  public void folder(String name) throws IOException {
    files.folder(name);
  }

  @Override
  public void file(String name, long size) throws IOException {
    begun = true;
    files.file(name, size);
  }

  @Override
  public void content(ByteBuffer bytes) throws IOException {
    files.content(bytes);
  }

  @Override
  public void endFile() throws IOException {
    files.endFile();
  }

  @Override
  public void manifest(ByteBuffer bytes) {
    byte[] piece = new byte[bytes.remaining()];
    bytes.get(piece);
    manifest.writeBytes(piece);
  }

  /** Packs it; called when everything has come. */
  void end() throws IOException {
    if (manifest.size() > 0) {
      files.file(NAME, manifest.size());
      files.content(ByteBuffer.wrap(manifest.toByteArray()));
      files.endFile();
    }
  }
}
