package io.pgfleet.cli.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The data of a COPY FROM STDIN between the lines of a script, up to {@code \.} or its end. */
final class InlineData extends InputStream {
  private final LineSource source;
  private byte[] line = {};
  private int at;
  private boolean ended;
  private int lines;

  InlineData(LineSource source) {
    this.source = source;
  }

  @Override
  public int read() throws IOException {
    return fill() ? line[at++] & 0xFF : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int total = 0;
    // Whole chunks, for a message for each line would be slow.
    while (total < length && fill()) {
      int count = Math.min(length - total, line.length - at);
      System.arraycopy(line, at, target, offset + total, count);
      at += count;
      total += count;
    }
    return total == 0 && length > 0 ? -1 : total;
  }

  private boolean fill() throws IOException {
    if (at < line.length) {
      return true;
    }
    if (ended) {
      return false;
    }
    @Nullable String next = source.nextData();
    if (next == null || next.equals("\\.")) {
      ended = true;
      lines += next == null ? 0 : 1;
      return false;
    }
    lines++;
    line = (next + "\n").getBytes(UTF_8);
    at = 0;
    return true;
  }

  /** Skips what an error has left over, lest it be taken for statements. */
  void drain() throws IOException {
    while (!ended) {
      at = line.length;
      fill();
    }
  }

  /** Lines of the source it took. */
  int lines() {
    return lines;
  }
}
