package io.pgfleet.parity.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;

/** Reads along what is written to standard error: log messages, and exceptions nobody caught. */
final class ErrorOutput implements AutoCloseable {
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  ErrorOutput() {
    PrintStream kept = new PrintStream(bytes, true, UTF_8);
    System.setErr(
        new PrintStream(before, true, UTF_8) {
          @Override
          public void write(byte[] buffer, int offset, int length) {
            super.write(buffer, offset, length);
            kept.write(buffer, offset, length);
          }
        });
  }

  /** Lines that speak of an exception that nothing was prepared for. */
  List<String> exceptions() {
    return bytes
        .toString(UTF_8)
        .lines()
        .filter(line -> line.matches(".*(Exception|Error)\\b.*"))
        .toList();
  }

  @Override
  public void close() {
    System.setErr(before);
  }
}
