package io.pgfleet.gateway.route;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How far the primary's WAL has come, sampled; from it, what a standby must have replayed so that a
 * client sees its own writes there. Safe from any thread.
 *
 * <p>Samples are numbered, and a number is taken before its question is sent to the primary. When a
 * commit has been acknowledged, the client's loop reads the last number taken ({@link #stamp}).
 * <b>A sample with a greater number gives a position at or after that commit</b>: its question was
 * sent after the acknowledgement had come, the server that answered it had by then inserted the
 * commit's record, and the position of insertion only grows within a term.
 *
 * <p>Over terms: a sample counts only if its server is still the primary when its number has been
 * taken ({@link #take}). A loop lends servers of a new term only after it knows of that term, so a
 * commit of the new term has a stamp that is not smaller than any number taken while the former
 * primary was the primary, and no late answer of that one can be mistaken for it. A commit of a
 * former term that was acknowledged under a quorum lies before the point where the new timeline
 * begins; every position of the new primary lies after it. A position of the former primary may lie
 * beyond that point; then a standby qualifies a little later than it could, never earlier. Standbys
 * of former terms are not in the topology at all.
 */
public final class Progress {
  /** One answer of the primary; times in nanoseconds of the gateway's clock. */
  record Sample(long number, long lsn, long sentAt) {}

  private static final int REMEMBERED = 256;
  private static final long PAGE = 8192;
  private static final long SHORT_HEADER = 24;
  private static final long LONG_HEADER = 40;

  private final AtomicLong taken = new AtomicLong();
  private final long span;
  private final long spacing;
  private final long[] times = new long[REMEMBERED];
  private final long[] lsns = new long[REMEMBERED];
  private int first;
  private int count;
  private boolean ofFormer;
  private volatile @Nullable Sample latest;
  private volatile long knownAt;
  private volatile boolean everKnown;

  /**
   * @param span that must be remembered, in nanoseconds
   */
  Progress(long span) {
    this.span = span;
    spacing = span / (REMEMBERED / 2);
  }

  /** The last number taken: what a commit that has just been acknowledged is known by. */
  public long stamp() {
    return taken.get();
  }

  /** Takes a number for a sample. Whether its server still is the primary is to be seen after. */
  long take() {
    return taken.incrementAndGet();
  }

  /** A position that commits with a stamp are at or before; -1 if it is not known yet. */
  public long floor(long stamp) {
    Sample sample = latest;
    return sample != null && sample.number() > stamp ? sample.lsn() : -1;
  }

  /** The primary's position, last sampled; -1 if unknown. */
  public long position() {
    Sample sample = latest;
    return sample == null ? -1 : sample.lsn();
  }

  /**
   * Where the last record ends, for a position of insertion, which skips the header of a page that
   * has no record yet.
   */
  static long recordEnd(long inserted, long segmentSize) {
    long header = inserted % segmentSize < PAGE ? LONG_HEADER : SHORT_HEADER;
    return inserted % PAGE == header ? inserted - header : inserted;
  }

  /** The primary of now has answered. */
  synchronized void answered(Sample sample) {
    latest = sample;
    knownAt = sample.sentAt();
    everKnown = true;
    if (ofFormer) {
      ofFormer = false;
      count = 0;
    }
    int last = (first + count - 1 + REMEMBERED) % REMEMBERED;
    if (count > 0 && sample.sentAt() - times[last] < spacing) {
      return;
    }
    if (count == REMEMBERED) {
      first = (first + 1) % REMEMBERED;
      count--;
    }
    int at = (first + count) % REMEMBERED;
    times[at] = sample.sentAt();
    lsns[at] = sample.lsn();
    count++;
  }

  /** The primary is another; what the former one had is remembered until this one answers. */
  synchronized void reset() {
    latest = null;
    ofFormer = true;
  }

  /**
   * For how long a standby has not replayed what the primary had; zero if it has all. One that
   * lacks even the oldest position that is remembered may have lacked it for longer: until it has
   * come that far it counts as beyond what is remembered. Else a standby far behind would serve
   * reads for a while after every failover, with nothing known that it lacks.
   */
  synchronized long behind(long replayed, long now) {
    for (int i = 0; i < count; i++) {
      int at = (first + i) % REMEMBERED;
      if (lsns[at] > replayed) {
        return Math.max(i == 0 ? 2 * span : 0, now - times[at]);
      }
    }
    return 0;
  }

  /** For how long nothing has been heard of the primary. */
  long silence(long now) {
    return everKnown ? now - knownAt : Long.MAX_VALUE;
  }
}
