package io.pgfleet.backup.base;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * Writes what an incremental backup holds of one file onto that file as the backup before left it.
 * Its bytes are taken in pieces of any size, and no more than the blocks' numbers are held.
 *
 * <p>The form (PostgreSQL, {@code src/backend/backup/basebackup_incremental.c}, {@code
 * src/include/backup/basebackup_incremental.h}), numbers being of 32 bits in the server's byte
 * order, of which only the little-endian one is read:
 *
 * <pre>
 * magic       0xd3ae1f0d
 * count       of the blocks that follow
 * truncation  blocks from which on none is taken from the backup before
 * numbers     of the blocks, count times
 * padding     to a full block, if there are blocks
 * blocks      count times 8192 bytes
 * </pre>
 *
 * The file then has as many blocks as the truncation length, or more if a block that follows lies
 * behind. What lies before that length and is neither here nor in the file is zero: the server made
 * the file longer and wrote nothing there. What lies behind it and is not here is zero, whatever
 * the file had there.
 */
final class ChangedBlocks {
  static final int MAGIC = 0xd3ae1f0d;

  /** BLCKSZ; a backup of a server with another one is never incremental. */
  static final int BLOCK = 8192;

  /** Blocks of a file of 1 GB, which no file is larger than. */
  static final int MOST_BLOCKS = 131_072;

  private static final int FIXED = 12;

  /** The JDK keeps for each thread a copy outside of the heap as large as what it was given. */
  private static final int SLICE = 32 * BLOCK;

  private final String name;
  private final long size;
  private final FileChannel file;
  private byte[] header = new byte[FIXED];
  private int[] numbers = new int[0];
  private int truncation;
  private long taken;
  private long headerEnd = FIXED;
  private boolean counted;
  private boolean begun;

  /**
   * Of a file.
   *
   * @param name for messages
   * @param size of all bytes that will be given
   * @param file to be read and written
   */
  ChangedBlocks(String name, long size, FileChannel file) {
    this.name = name;
    this.size = size;
    this.file = file;
  }

  /**
   * Takes the next bytes.
   *
   * @throws BackupException if they are not what the form says
   */
  void take(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      if (taken < headerEnd) {
        int count = (int) Math.min(headerEnd - taken, end - at);
        System.arraycopy(bytes, at, header, (int) taken, count);
        at += count;
        taken += count;
        if (taken == headerEnd) {
          readHeader();
        }
      } else {
        int count = run((int) Math.min(SLICE, (long) end - at));
        write(bytes, at, count);
        at += count;
        taken += count;
      }
    }
  }

  private void readHeader() throws IOException {
    ByteBuffer read = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    if (!counted) {
      int magic = read.getInt();
      int count = read.getInt();
      truncation = read.getInt();
      require(magic == MAGIC, "it does not begin with the magic number");
      require(isLength(count), "it has " + Integer.toUnsignedString(count) + " blocks");
      require(
          isLength(truncation),
          "it is truncated to " + Integer.toUnsignedString(truncation) + " blocks");
      counted = true;
      numbers = new int[count];
      headerEnd = FIXED + (long) count * Integer.BYTES;
      headerEnd += count == 0 ? 0 : -headerEnd & BLOCK - 1;
      require(size == headerEnd + (long) count * BLOCK, "it has " + size + " bytes");
      if (count > 0) {
        header = java.util.Arrays.copyOf(header, (int) headerEnd);
        return;
      }
    }
    read.position(FIXED);
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = read.getInt();
      require(
          numbers[i] >= 0 && numbers[i] < MOST_BLOCKS,
          "it has a block " + Integer.toUnsignedString(numbers[i]));
    }
    header = new byte[0];
    begin();
  }

  private static boolean isLength(int blocks) {
    return blocks >= 0 && blocks <= MOST_BLOCKS;
  }

  private void require(boolean sound, String why) {
    if (!sound) {
      throw new BackupException(
          Kind.DAMAGED,
          "The changed blocks of " + name + " can't be read: " + why + ".",
          "Restore another backup.");
    }
  }

  /** What must not stay of the file goes before anything is written. */
  private void begin() throws IOException {
    begun = true;
    long whole = file.size() / BLOCK * BLOCK;
    file.truncate(Math.min(whole, (long) truncation * BLOCK));
  }

  /** How many of so many bytes follow one another in the file, too. */
  private int run(int most) {
    int index = (int) ((taken - headerEnd) / BLOCK);
    int count = BLOCK - (int) ((taken - headerEnd) % BLOCK);
    require(index < numbers.length, "it goes on behind its end");
    while (count < most && index + 1 < numbers.length && numbers[index + 1] == numbers[index] + 1) {
      count += BLOCK;
      index++;
    }
    return Math.min(count, most);
  }

  private void write(byte[] bytes, int offset, int count) throws IOException {
    long content = taken - headerEnd;
    long at = (long) numbers[(int) (content / BLOCK)] * BLOCK + content % BLOCK;
    ByteBuffer rest = ByteBuffer.wrap(bytes, offset, count);
    while (rest.hasRemaining()) {
      at += file.write(rest, at);
    }
  }

  /**
   * All bytes have come; the file is given its length.
   *
   * @throws BackupException if there are fewer than the form says
   */
  void end() throws IOException {
    require(begun && taken == size, "it breaks off");
    int blocks = truncation;
    for (int number : numbers) {
      blocks = Math.max(blocks, number + 1);
    }
    long length = (long) blocks * BLOCK;
    if (file.size() < length) {
      file.write(ByteBuffer.allocate(1), length - 1);
    }
  }
}
