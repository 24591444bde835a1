package io.pgfleet.gateway.statement;

import io.pgfleet.gateway.listen.ListenText;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A statement text with its parameter types, whatever clients call it. On servers it is prepared
 * under the gateway's own name.
 */
public final class Statement {
  /**
   * What servers get in place of a LISTEN or UNLISTEN.
   *
   * @param body of a Parse message from the text on; not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  public record Substitute(byte[] body, ListenText text) {}

  private static final int RETIRED = Integer.MIN_VALUE / 2;

  private final byte[] serverName;
  private final byte[] body;
  private final int flags;
  private final long[] calls;
  private final long shape;
  private final @Nullable Substitute substitute;
  private final AtomicInteger references = new AtomicInteger(1);
  private volatile @Nullable Verdict verdict;

  /**
   * Whether it only reads.
   *
   * @param by who says so
   */
  public record Verdict(Object by, boolean reads) {}

  Statement(
      byte[] serverName,
      byte[] body,
      int flags,
      long[] calls,
      long shape,
      @Nullable Substitute substitute) {
    this.serverName = serverName;
    this.body = body;
    this.flags = flags;
    this.calls = calls;
    this.shape = shape;
    this.substitute = substitute;
  }

  /** Its name on servers, without the closing zero. Not to be changed. */
  public byte[] serverName() {
    return serverName;
  }

  /** The body of a Parse message from the text on: text, zero, types. Not to be changed. */
  public byte[] body() {
    return body;
  }

  /** What {@link StatementScan} found in the text. */
  public int flags() {
    return flags;
  }

  /** What it says of channels, if that is all it says and the gateway listens in its place. */
  public @Nullable ListenText listening() {
    return substitute == null ? null : substitute.text();
  }

  /** One more client names it; false if it has just been given up. */
  boolean count() {
    return references.incrementAndGet() > 0;
  }

  void uncount() {
    references.decrementAndGet();
  }

  /** Gives it up if no client names it. */
  boolean retire() {
    return references.compareAndSet(0, RETIRED);
  }

  /** The functions it calls, as in {@link ReadScan#calls}. Not to be changed. */
  public long[] calls() {
    return calls;
  }

  /** As in {@link ReadScan#shape}. */
  public long shape() {
    return shape;
  }

  /** What was said last of whether it only reads. */
  public @Nullable Verdict verdict() {
    return verdict;
  }

  /** Remembers a verdict. */
  public void judged(Verdict newest) {
    verdict = newest;
  }
}
