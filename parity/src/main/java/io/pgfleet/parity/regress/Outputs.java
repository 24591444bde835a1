package io.pgfleet.parity.regress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Outputs of psql: bytes in any encoding, compared as they are. */
final class Outputs {
  private Outputs() {}

  /** One character per byte, so that nothing is lost of text in other encodings. */
  static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  static void write(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardCharsets.ISO_8859_1);
  }
}
