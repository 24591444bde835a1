package io.pgfleet.gateway.message;

/** Bytes that are not the protocol; the connection they came on ends. */
public final class ProtocolViolation extends Exception {
  private static final long serialVersionUID = 1L;

  public ProtocolViolation(String message) {
    super(message);
  }
}
