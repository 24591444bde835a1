package io.pgfleet.postgres.backup;

import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;

/**
 * A header of a tar archive as PostgreSQL's basebackup writes it (POSIX ustar; src/port/tar.c).
 *
 * @param name relative, its parts joined by slashes, none of them empty or dots
 * @param folder a folder if true, else a file
 * @param size bytes of content, 0 for a folder
 */
record TarEntry(String name, boolean folder, long size) {
  static final int BLOCK = 512;

  /** No file of PostgreSQL is larger than a segment, 1 GB unless compiled otherwise. */
  private static final long LARGEST = 1L << 40;

  private static final int NAME = 100;
  private static final int SIZE_AT = 124;
  private static final int SIZE_LENGTH = 12;
  private static final int CHECKSUM_AT = 148;
  private static final int CHECKSUM_LENGTH = 8;
  private static final int TYPE_AT = 156;
  private static final int PREFIX_AT = 345;
  private static final int PREFIX = 155;

  /** Reads a header's 512 bytes. */
  static TarEntry parse(byte[] block) throws ProtocolException {
    if (checksum(block) != number(block, CHECKSUM_AT, CHECKSUM_LENGTH)) {
      throw new ProtocolException("a tar header fails its checksum");
    }
    String prefix = text(block, PREFIX_AT, PREFIX);
    String rawName = text(block, 0, NAME);
    String name = clean(prefix.isEmpty() ? rawName : prefix + "/" + rawName);
    long size = number(block, SIZE_AT, SIZE_LENGTH);
    if (size > LARGEST) {
      throw new ProtocolException("the file " + name + " is said to have " + size + " bytes");
    }
    return switch (block[TYPE_AT]) {
      case '0', 0 -> new TarEntry(name, false, size);
      case '5' -> new TarEntry(name, true, 0);
      case '1', '2' -> throw new ProtocolException("the archive holds a link: " + name);
      default ->
          throw new ProtocolException(
              "the archive holds an entry of type " + (block[TYPE_AT] & 0xFF) + ": " + name);
    };
  }

  static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private static long checksum(byte[] block) {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      boolean own = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_LENGTH;
      sum += own ? ' ' : block[i] & 0xFF;
    }
    return sum;
  }

  /** Octal digits, or for large numbers binary ones behind a set top bit. */
  private static long number(byte[] block, int at, int length) throws ProtocolException {
    long value = 0;
    if ((block[at] & 0x80) != 0) {
      for (int i = at; i < at + length; i++) {
        int digit = i == at ? block[i] & 0x7F : block[i] & 0xFF;
        if (value >> (Long.SIZE - 1 - Byte.SIZE) != 0) {
          throw new ProtocolException("a number of a tar header is too large");
        }
        value = value << Byte.SIZE | digit;
      }
      return value;
    }
    boolean any = false;
    for (int i = at; i < at + length; i++) {
      byte b = block[i];
      if (b >= '0' && b <= '7') {
        value = value << 3 | b - '0';
        any = true;
      } else if (b == 0 || (b == ' ' && any)) {
        break;
      } else if (b != ' ') { // which pads on the left
        throw new ProtocolException("a number of a tar header is none");
      }
    }
    return value;
  }

  private static String text(byte[] block, int at, int length) {
    int end = at;
    while (end < at + length && block[end] != 0) {
      end++;
    }
    return new String(block, at, end - at, StandardCharsets.UTF_8);
  }

  private static String clean(String raw) throws ProtocolException {
    String name = raw.startsWith("./") ? raw.substring(2) : raw;
    name = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    if (name.equals(".") || name.isEmpty()) {
      return "";
    }
    for (String part : name.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..") || part.contains("\uFFFD")) {
        throw new ProtocolException("the archive's entry '" + raw + "' has no acceptable name");
      }
    }
    return name;
  }
}
