package io.pgfleet.cli.sql;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Holds output back until it is longer than the screen, and then hands it to a pager. */
final class PagedWriter extends Writer {
  private final Writer screen;
  private final int height;
  private final String pager;
  private final StringBuilder held = new StringBuilder();
  private int lines;
  private @Nullable Process process;
  private @Nullable Writer sink;

  /**
   * @param screen the terminal
   * @param height its lines
   * @param pager the command, run by the system's shell; empty for none
   */
  PagedWriter(Writer screen, int height, String pager) {
    this.screen = screen;
    this.height = height;
    this.pager = pager;
  }

  @Override
  public void write(char[] text, int offset, int length) throws IOException {
    Writer target = sink;
    if (target != null) {
      target.write(text, offset, length);
      return;
    }
    held.append(text, offset, length);
    for (int i = offset; i < offset + length; i++) {
      lines += text[i] == '\n' ? 1 : 0;
    }
    if (lines >= height - 1) {
      begin();
    }
  }

  private void begin() throws IOException {
    Writer target = screen;
    if (!pager.isEmpty()) {
      try {
        ProcessBuilder builder = new ProcessBuilder(List.of("/bin/sh", "-c", pager));
        builder.environment().putIfAbsent("LESS", "-FRSX");
        builder.redirectOutput(ProcessBuilder.Redirect.INHERIT);
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        Process started = builder.start();
        process = started;
        target = new OutputStreamWriter(started.getOutputStream(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        target = screen;
      }
    }
    sink = target;
    target.append(held);
    held.setLength(0);
  }

  @Override
  public void flush() throws IOException {
    Writer target = sink;
    if (target != null) {
      target.flush();
    }
  }

  @Override
  public void close() throws IOException {
    Process started = process;
    Writer target = sink;
    process = null;
    sink = null;
    if (started != null && target != null) {
      try (target) {
        target.flush();
      } finally {
        waitFor(started);
      }
      return;
    }
    screen.append(held);
    held.setLength(0);
    screen.flush();
  }

  private static void waitFor(Process started) {
    try {
      started.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
