package io.pgfleet.postgres.backup;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;

/**
 * Takes a tar archive apart as its bytes come, in pieces of any size, holding no more than one
 * header.
 *
 * <pre>
 * phase     takes                 then
 * HEADER    a block of 512 bytes  CONTENT, PADDING, HEADER; END if it is zero
 * CONTENT   the entry's bytes     PADDING, HEADER
 * PADDING   up to a full block    HEADER
 * END       zero bytes            END
 * </pre>
 */
final class TarStream {
  private enum Phase {
    HEADER,
    CONTENT,
    PADDING,
    END
  }

  private static final int CLOSING_BLOCKS = 2;

  private final BackupSink sink;
  private final byte[] header = new byte[TarEntry.BLOCK];
  private int headerBytes;
  private Phase phase = Phase.HEADER;
  private long remaining;
  private int padding;
  private long closingBytes;

  TarStream(BackupSink sink) {
    this.sink = sink;
  }

  /** Takes the next bytes, whole. */
  void take(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      switch (phase) {
        case HEADER -> takeHeader(bytes);
        case CONTENT -> takeContent(bytes);
        case PADDING -> {
          int count = Math.min(padding, bytes.remaining());
          bytes.position(bytes.position() + count);
          padding -= count;
          phase = padding == 0 ? Phase.HEADER : Phase.PADDING;
        }
        case END -> {
          while (bytes.hasRemaining()) {
            if (bytes.get() != 0) {
              throw new ProtocolException("the archive goes on behind its end");
            }
            closingBytes++;
          }
        }
      }
    }
  }

  private void takeHeader(ByteBuffer bytes) throws IOException {
    int count = Math.min(TarEntry.BLOCK - headerBytes, bytes.remaining());
    bytes.get(header, headerBytes, count);
    headerBytes += count;
    if (headerBytes < TarEntry.BLOCK) {
      return;
    }
    headerBytes = 0;
    if (TarEntry.isZero(header)) {
      closingBytes = TarEntry.BLOCK;
      phase = Phase.END;
      return;
    }
    TarEntry entry = TarEntry.parse(header);
    if (entry.folder()) {
      if (!entry.name().isEmpty()) {
        sink.folder(entry.name());
      }
      return;
    }
    if (entry.name().isEmpty()) {
      throw new ProtocolException("the archive holds a file without a name");
    }
    sink.file(entry.name(), entry.size());
    remaining = entry.size();
    padding = (int) (-entry.size() & TarEntry.BLOCK - 1);
    if (remaining == 0) {
      sink.endFile();
    } else {
      phase = Phase.CONTENT;
    }
  }

  private void takeContent(ByteBuffer bytes) throws IOException {
    int count = (int) Math.min(remaining, bytes.remaining());
    int end = bytes.position() + count;
    sink.content(bytes.slice(bytes.position(), count));
    bytes.position(end);
    remaining -= count;
    if (remaining == 0) {
      sink.endFile();
      phase = padding == 0 ? Phase.HEADER : Phase.PADDING;
    }
  }

  /**
   * Says that no more bytes come.
   *
   * @throws ProtocolException if the archive is not whole
   */
  void end() throws ProtocolException {
    if (phase != Phase.END || closingBytes < (long) CLOSING_BLOCKS * TarEntry.BLOCK) {
      throw new ProtocolException("the archive breaks off");
    }
  }
}
