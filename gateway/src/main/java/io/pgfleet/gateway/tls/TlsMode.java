package io.pgfleet.gateway.tls;

/** How much TLS is asked of a connection; libpq's words of {@code sslmode}. */
public enum TlsMode {
  /** Never. */
  DISABLE,
  /** If the other end can. */
  PREFER,
  /** Always, whatever its certificate. */
  REQUIRE,
  /** Always, with a certificate of a known authority. */
  VERIFY_CA,
  /**
   * Towards a server: its certificate names the host, too. Towards a client: as {@link #VERIFY_CA};
   * that it names the user is asked for by a rule ({@code clientcert=verify-full}).
   */
  VERIFY_FULL;

  /** Whether the other end must show a certificate of a known authority. */
  public boolean verifies() {
    return this == VERIFY_CA || this == VERIFY_FULL;
  }

  /** Whether a connection without TLS is refused. */
  public boolean required() {
    return this != DISABLE && this != PREFER;
  }
}
