package io.pgfleet.postgres.backup;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Writes tar archives as PostgreSQL does, and such as it never would. */
final class TarArchive {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  TarArchive file(String name, byte[] content) {
    header(name, '0', octal(content.length));
    out.writeBytes(content);
    out.writeBytes(new byte[-content.length & 511]);
    return this;
  }

  TarArchive entry(String name, char type, String size) {
    header(name, type, size);
    return this;
  }

  TarArchive folder(String name) {
    header(name, '5', octal(0));
    return this;
  }

  static String octal(long number) {
    return String.format(Locale.ROOT, "%011o ", number);
  }

  private void header(String name, char type, String size) {
    byte[] block = new byte[512];
    put(block, 0, name);
    put(block, 100, "0000600 ");
    put(block, 108, "0000000 ");
    put(block, 116, "0000000 ");
    put(block, 124, size);
    put(block, 136, octal(0));
    block[156] = (byte) type;
    put(block, 257, "ustar");
    put(block, 148, "        ");
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xFF;
    }
    put(block, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
    out.writeBytes(block);
  }

  private static void put(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  byte[] unended() {
    return out.toByteArray();
  }

  byte[] ended() {
    out.writeBytes(new byte[1024]);
    return out.toByteArray();
  }
}
