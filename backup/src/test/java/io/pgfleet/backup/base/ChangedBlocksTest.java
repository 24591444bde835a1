package io.pgfleet.backup.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangedBlocksTest {
  private static final int BLOCK = ChangedBlocks.BLOCK;

  @TempDir private Path folder;

  /** A file of blocks, each filled with its byte; the text has a letter for each, 0 for zero. */
  private static byte[] blocks(String text) {
    byte[] bytes = new byte[text.length() * BLOCK];
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      Arrays.fill(bytes, i * BLOCK, (i + 1) * BLOCK, (byte) (letter == '0' ? 0 : letter));
    }
    return bytes;
  }

  private static String text(byte[] bytes) {
    assertThat(bytes.length % BLOCK).isZero();
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < bytes.length; at += BLOCK) {
      byte letter = bytes[at];
      for (int i = at; i < at + BLOCK; i++) {
        assertThat(bytes[i]).isEqualTo(letter);
      }
      text.append(letter == 0 ? '0' : (char) letter);
    }
    return text.toString();
  }

  static byte[] changes(int truncation, SortedMap<Integer, Character> blocks) {
    int header = 12 + 4 * blocks.size();
    int padded = blocks.isEmpty() ? header : (header + BLOCK - 1) / BLOCK * BLOCK;
    ByteBuffer bytes =
        ByteBuffer.allocate(padded + blocks.size() * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(ChangedBlocks.MAGIC).putInt(blocks.size()).putInt(truncation);
    blocks.keySet().forEach(bytes::putInt);
    bytes.position(padded);
    blocks.values().forEach(letter -> bytes.put(blocks(letter.toString())));
    return bytes.array();
  }

  /** Blocks by their places: {@code 3=x 4=y}. */
  private static byte[] changes(int truncation, String changed) {
    TreeMap<Integer, Character> blocks = new TreeMap<>();
    for (String one : changed.isEmpty() ? new String[0] : changed.split(" ")) {
      int sign = one.indexOf('=');
      blocks.put(Integer.parseInt(one.substring(0, sign)), one.charAt(sign + 1));
    }
    return changes(truncation, blocks);
  }

  static void apply(Path file, byte[] prior, byte[] changes, Random pieces) throws IOException {
    Files.write(file, prior);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ChangedBlocks blocks = new ChangedBlocks("INCREMENTAL.1", changes.length, channel);
      int at = 0;
      while (at < changes.length) {
        int count = Math.min(1 + pieces.nextInt(3 * BLOCK), changes.length - at);
        blocks.take(changes, at, count);
        at += count;
      }
      blocks.end();
    }
  }

  private static byte[] applied(Path file, byte[] prior, byte[] changes, Random pieces)
      throws IOException {
    apply(file, prior, changes, pieces);
    return Files.readAllBytes(file);
  }

  private String applied(String prior, byte[] changes) throws IOException {
    return text(applied(folder.resolve("1"), blocks(prior), changes, new Random(1)));
  }

  @Test
  void changedBlocksTakeTheirPlaces() throws IOException {
    assertThat(applied("abcdef", changes(6, ""))).isEqualTo("abcdef");
    assertThat(applied("abcdef", changes(6, "0=X 3=Y 4=Z 5=W"))).isEqualTo("XbcYZW");
  }

  @Test
  void aFileThatBecameShorterEndsWhereItDoes() throws IOException {
    assertThat(applied("abcdef", changes(2, ""))).isEqualTo("ab");
    assertThat(applied("abcdef", changes(2, "0=X"))).isEqualTo("Xb");
    assertThat(applied("abcdef", changes(0, ""))).isEmpty();
  }

  @Test
  void aFileThatBecameLongerHasZerosWhereNothingIsKnown() throws IOException {
    assertThat(applied("ab", changes(5, ""))).isEqualTo("ab000");
    assertThat(applied("ab", changes(5, "3=X"))).isEqualTo("ab0X0");
    assertThat(applied("", changes(1, ""))).isEqualTo("0");
  }

  /** It was made shorter, and longer again: what lay behind must not come back. */
  @Test
  void nothingBehindTheTruncationIsTakenFromBefore() throws IOException {
    assertThat(applied("abcdef", changes(2, "4=X"))).isEqualTo("ab00X");
    assertThat(applied("abcdef", changes(0, "2=X 3=Y"))).isEqualTo("00XY");
  }

  @Test
  void aTornEndOfTheFileIsNoBlock() throws IOException {
    byte[] torn = Arrays.copyOf(blocks("abc"), 2 * BLOCK + 17);
    byte[] made = applied(folder.resolve("1"), torn, changes(3, "0=X"), new Random(2));
    assertThat(text(made)).isEqualTo("Xb0");
  }

  @Test
  void whateverThePiecesItIsAsTheDefinitionSays() throws IOException {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      String prior = letters(random, random.nextInt(40));
      int truncation = random.nextInt(45);
      TreeMap<Integer, Character> blocks = new TreeMap<>();
      for (int i = random.nextInt(30); i > 0; i--) {
        blocks.put(random.nextInt(60), (char) ('A' + random.nextInt(26)));
      }
      int length = Math.max(truncation, blocks.isEmpty() ? 0 : blocks.lastKey() + 1);
      StringBuilder expected = new StringBuilder();
      for (int block = 0; block < length; block++) {
        Character changed = blocks.get(block);
        boolean before = block < truncation && block < prior.length();
        expected.append(changed != null ? changed : before ? prior.charAt(block) : '0');
      }
      byte[] made =
          applied(folder.resolve("1"), blocks(prior), changes(truncation, blocks), random);
      assertThat(text(made)).as("seed %d", seed).isEqualTo(expected.toString());
    }
  }

  private static String letters(Random random, int count) {
    StringBuilder letters = new StringBuilder();
    for (int i = 0; i < count; i++) {
      letters.append((char) ('a' + random.nextInt(26)));
    }
    return letters.toString();
  }

  @Test
  void whatIsNotOfTheFormIsDamaged() {
    byte[] sound = changes(6, "0=X 3=Y");
    byte[] magic = sound.clone();
    magic[0]++;
    byte[] count = sound.clone();
    count[4]++;
    byte[] many = sound.clone();
    many[7] = (byte) 0xFF;
    byte[] truncation = sound.clone();
    truncation[11] = 1;
    byte[] number = sound.clone();
    number[15] = (byte) 0x80;
    byte[] shorter = Arrays.copyOf(sound, sound.length - 1);
    byte[] longer = Arrays.copyOf(sound, sound.length + BLOCK);
    byte[] head = Arrays.copyOf(sound, 11);
    for (byte[] wrong :
        new byte[][] {magic, count, many, truncation, number, shorter, longer, head, {}}) {
      assertThatThrownBy(() -> applied("abcdef", wrong))
          .isInstanceOfSatisfying(
              BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DAMAGED));
    }
  }
}
