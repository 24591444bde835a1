package io.pgfleet.gateway.tls;

/** The oldest version of TLS to be spoken. */
public enum TlsVersion {
  TLS_1_2,
  TLS_1_3;

  /** This version and the newer ones, in the JDK's words. */
  String[] protocols() {
    return switch (this) {
      case TLS_1_2 -> new String[] {"TLSv1.3", "TLSv1.2"};
      case TLS_1_3 -> new String[] {"TLSv1.3"};
    };
  }
}
