package io.pgfleet.gateway.statement;

/**
 * A statement text with its parameter types, whatever clients call it. On servers it is prepared
 * under the gateway's own name.
 */
public final class Statement {
  private final byte[] serverName;
  private final byte[] body;
  private final int flags;
  int references;

  Statement(byte[] serverName, byte[] body, int flags) {
    this.serverName = serverName;
    this.body = body;
    this.flags = flags;
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
}
