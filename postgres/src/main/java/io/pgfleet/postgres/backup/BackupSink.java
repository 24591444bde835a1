package io.pgfleet.postgres.backup;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes what a base backup is made of, in the order in which the server sends it. */
public interface BackupSink {
  /** A folder; its name is relative, its parts joined by slashes, none of them empty or dots. */
  void folder(String name) throws IOException;

  /** A file of that many bytes begins; its name has the form of a folder's. */
  void file(String name, long size) throws IOException;

  /** Bytes of the file; to be taken whole. */
  void content(ByteBuffer bytes) throws IOException;

  /** The file has all its bytes. */
  void endFile() throws IOException;

  /** Bytes of the server's manifest, which comes last if it was asked for; to be taken whole. */
  default void manifest(ByteBuffer bytes) throws IOException {
    throw new IOException("the server sent a manifest that nobody had asked for");
  }
}
