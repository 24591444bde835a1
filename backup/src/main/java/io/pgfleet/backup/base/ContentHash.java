package io.pgfleet.backup.base;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * Tells packs of the same content: a hash with a key, made to cost little beside compression, which
 * SHA-256 of the content does not. Each block is hashed by NH (RFC 4418, 5.2, with words of 64
 * bits); what comes of the blocks is hashed by SHA-256.
 *
 * <p>Of two blocks that differ, NH is the same with a chance of 2^-64 at most if the key was chosen
 * at random and the blocks do not depend on it. So nobody but who can open the repository may know
 * the key: it is in the journal.
 */
final class ContentHash {
  private static final int BLOCK = 4096;
  private static final int WORDS = BLOCK / Long.BYTES;

  private static final int SEED = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final String seed;
  private final long[] key = new long[WORDS];

  /** That of a seed; the same gives the same. */
  ContentHash(String seed) {
    this.seed = seed;
    for (int i = 0; i < key.length; i++) {
      key[i] = ByteBuffer.wrap(sha256((seed + " " + i).getBytes(StandardCharsets.UTF_8))).getLong();
    }
  }

  /** One that nobody can know. */
  static ContentHash random() {
    byte[] seed = new byte[SEED];
    RANDOM.nextBytes(seed);
    return new ContentHash(HexFormat.of().formatHex(seed));
  }

  String seed() {
    return seed;
  }

  /** The hash of what remains of a buffer, in hexadecimal digits. */
  String of(ByteBuffer content) {
    ByteBuffer bytes = content.slice().order(ByteOrder.LITTLE_ENDIAN);
    int blocks = bytes.remaining() / BLOCK;
    int rest = blocks * BLOCK;
    ByteBuffer sums = ByteBuffer.allocate(blocks * 2 * Long.BYTES + bytes.remaining() - rest);
    for (int block = 0; block < blocks; block++) {
      hash(bytes, block * BLOCK, sums);
    }
    sums.put(bytes.position(rest));
    return HexFormat.of().formatHex(sha256(sums.array()));
  }

  private void hash(ByteBuffer bytes, int at, ByteBuffer into) {
    long low = 0;
    long high = 0;
    for (int i = 0; i < WORDS; i += 2) {
      long first = bytes.getLong(at + i * Long.BYTES) + key[i];
      long second = bytes.getLong(at + (i + 1) * Long.BYTES) + key[i + 1];
      long product = first * second;
      low += product;
      high += Math.unsignedMultiplyHigh(first, second);
      if (Long.compareUnsigned(low, product) < 0) {
        high++;
      }
    }
    into.putLong(high).putLong(low);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
