package io.pgfleet.backup.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContentHashTest {
  private static final int BLOCK = 4096;
  private static final BigInteger WORD = BigInteger.ONE.shiftLeft(64);

  private final ContentHash hash = new ContentHash("seed");

  private static byte[] noise(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static BigInteger word(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }

  /** As the definition has it, with numbers of any length. */
  private static String defined(String seed, byte[] content) throws Exception {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    BigInteger[] key = new BigInteger[BLOCK / 8];
    for (int i = 0; i < key.length; i++) {
      byte[] text = (seed + " " + i).getBytes(StandardCharsets.UTF_8);
      key[i] = word(ByteBuffer.wrap(sha256.digest(text)).getLong());
    }
    ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.remaining() >= BLOCK) {
      BigInteger sum = BigInteger.ZERO;
      for (int i = 0; i < key.length; i += 2) {
        BigInteger first = word(bytes.getLong()).add(key[i]).mod(WORD);
        BigInteger second = word(bytes.getLong()).add(key[i + 1]).mod(WORD);
        sum = sum.add(first.multiply(second)).mod(WORD.multiply(WORD));
      }
      ByteBuffer two = ByteBuffer.allocate(16);
      two.putLong(sum.shiftRight(64).longValue()).putLong(sum.longValue());
      sha256.update(two.array());
    }
    sha256.update(bytes);
    return HexFormat.of().formatHex(sha256.digest());
  }

  @Test
  void itIsAsItIsDefinedWhateverTheLength() throws Exception {
    for (int length : new int[] {0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK, 5 * BLOCK + 77}) {
      byte[] bytes = noise(length);
      assertThat(hash.of(ByteBuffer.wrap(bytes))).isEqualTo(defined("seed", bytes));
      ByteBuffer direct = ByteBuffer.allocateDirect(length + 3).position(3).put(bytes);
      assertThat(hash.of(direct.position(3))).isEqualTo(defined("seed", bytes));
      assertThat(direct.remaining()).isEqualTo(length);
    }
    byte[] full = new byte[2 * BLOCK];
    Arrays.fill(full, (byte) 0xFF);
    assertThat(hash.of(ByteBuffer.wrap(full))).isEqualTo(defined("seed", full));
  }

  @Test
  void aChangedBitAnotherKeyOrAnotherOrderIsAnother() {
    Set<String> hashes = new HashSet<>();
    byte[] bytes = noise(3 * BLOCK + 5);
    hashes.add(hash.of(ByteBuffer.wrap(bytes)));
    hashes.add(new ContentHash("other").of(ByteBuffer.wrap(bytes)));
    hashes.add(ContentHash.random().of(ByteBuffer.wrap(bytes)));
    int more = 0;
    for (int bit = 0; bit < bytes.length * 8; bit += 37) {
      byte mask = (byte) (1 << (bit % 8));
      bytes[bit / 8] ^= mask;
      hashes.add(hash.of(ByteBuffer.wrap(bytes)));
      bytes[bit / 8] ^= mask;
      more++;
    }
    byte[] swapped = bytes.clone();
    System.arraycopy(bytes, 0, swapped, BLOCK, BLOCK);
    System.arraycopy(bytes, BLOCK, swapped, 0, BLOCK);
    hashes.add(hash.of(ByteBuffer.wrap(swapped)));
    assertThat(hashes).hasSize(3 + more + 1);
  }
}
