package io.pgfleet.backup.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Objects under names: parts of letters, digits, dots, dashes and underscores, joined by slashes.
 * An object is seen whole or not at all, and what was put is there when {@code put} returns, even
 * if the machine then fails. Objects are small enough for memory ({@link #LARGEST}). Calls may come
 * from several threads.
 */
public interface ObjectStore extends AutoCloseable {
  /** The bytes of the largest object. */
  int LARGEST = 256 * 1024 * 1024;

  /**
   * An object of a list.
   *
   * @param size in bytes
   */
  record Listed(String name, long size) {}

  /** Puts an object in the place of one of the same name, if there is one. */
  void put(String name, byte[] bytes) throws IOException;

  /**
   * The same with the bytes that remain in a buffer, which a store need not copy: they do not
   * change before this returns.
   */
  default void put(String name, ByteBuffer bytes) throws IOException {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(bytes.position(), copy);
    put(name, copy);
  }

  /**
   * Puts an object unless there is one of that name.
   *
   * @return whether it was put
   */
  boolean putIfAbsent(String name, byte[] bytes) throws IOException;

  /**
   * All bytes of an object.
   *
   * @throws java.nio.file.NoSuchFileException if there is none of that name
   */
  byte[] get(String name) throws IOException;

  /**
   * The same in the first bytes of a buffer.
   *
   * @throws IOException also if the object is longer than the buffer
   */
  default ByteBuffer get(String name, ByteBuffer buffer) throws IOException {
    byte[] bytes = get(name);
    requireFits(name, bytes.length, buffer.capacity());
    return buffer.clear().put(bytes).flip();
  }

  /** Refuses what is longer than its reader is prepared for. */
  static void requireFits(String name, long size, int most) throws IOException {
    if (size > most) {
      throw new IOException(name + " has " + size + " bytes, at most " + most + " were expected");
    }
  }

  /** Every object below a folder, at any depth, by name; none if there is no such folder. */
  List<Listed> list(String folder) throws IOException;

  /** Deletes an object if there is one. */
  void delete(String name) throws IOException;

  /** Where it is, for messages; never with a secret in it. */
  String place();

  @Override
  void close();
}
