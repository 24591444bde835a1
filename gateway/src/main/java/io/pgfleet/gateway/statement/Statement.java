package io.pgfleet.gateway.statement;

import org.jspecify.annotations.Nullable;

/**
 * A statement text with its parameter types, whatever clients call it. On servers it is prepared
 * under the gateway's own name.
 */
public final class Statement {
  private final byte[] serverName;
  private final byte[] body;
  private final int flags;
  private final long[] calls;
  private final long shape;
  private @Nullable Object judge;
  private boolean judgedToRead;
  int references;

  Statement(byte[] serverName, byte[] body, int flags, long[] calls, long shape) {
    this.serverName = serverName;
    this.body = body;
    this.flags = flags;
    this.calls = calls;
    this.shape = shape;
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

  /** The functions it calls, as in {@link ReadScan#calls}. Not to be changed. */
  public long[] calls() {
    return calls;
  }

  /** As in {@link ReadScan#shape}. */
  public long shape() {
    return shape;
  }

  /** Who said last whether it only reads. */
  public @Nullable Object judge() {
    return judge;
  }

  /** Remembers a verdict and whose it is. */
  public void judged(Object by, boolean reads) {
    judge = by;
    judgedToRead = reads;
  }

  /** The last verdict. */
  public boolean judgedToRead() {
    return judgedToRead;
  }
}
