package io.pgfleet.backup.base;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.base.Journal.Entry;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Brings packs into the repository. One whose content an earlier attempt has put is there already;
 * it is told by its content, whatever its number was. For several threads.
 */
final class PackDesk {
  /** What a pack holds. */
  private record Content(String digest, int length) {}

  private final Attempt attempt;
  private final Outage outage;
  private final Consumer<Entry> journal;

  /** A content may have been put more than once, as one of zeros is. Each is taken once. */
  private final Map<Content, Queue<Entry>> there = new ConcurrentHashMap<>();

  private final AtomicInteger carried = new AtomicInteger();

  /**
   * A desk.
   *
   * @param packs of earlier attempts
   * @param journal told of each that was put
   */
  PackDesk(Attempt attempt, List<Entry> packs, Outage outage, Consumer<Entry> journal) {
    this.attempt = attempt;
    this.outage = outage;
    this.journal = journal;
    for (Entry pack : packs) {
      there
          .computeIfAbsent(
              new Content(pack.content(), pack.length()), _ -> new ConcurrentLinkedQueue<>())
          .add(pack);
    }
  }

  /** Puts a pack of what remains of a buffer outside of the heap, unless it is there. */
  Entry put(Archive.Writer writer, int number, ByteBuffer content) {
    Content digest = new Content(digest(content.duplicate()), content.remaining());
    Queue<Entry> same = there.get(digest);
    Entry known = same == null ? null : same.poll();
    if (known != null) {
      carried.incrementAndGet();
      return known;
    }
    String name = attempt.pack(number);
    Archive.Stored stored =
        outage.bridged(() -> writer.put(attempt.object(name), content), writer::again);
    Entry entry =
        new Entry(name, digest.digest(), digest.length(), stored.bytes(), stored.checksum());
    journal.accept(entry);
    return entry;
  }

  /** How many were there. */
  int carried() {
    return carried.get();
  }

  private static String digest(ByteBuffer content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(content);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
