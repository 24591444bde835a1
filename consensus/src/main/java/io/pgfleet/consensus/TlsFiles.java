package io.pgfleet.consensus;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The files by which hosts of a fleet know each other: both sides of a connection show a
 * certificate, and refuse one that the authority has not signed.
 *
 * @param identity PEM: this host's private key (PKCS #8, not encrypted) and certificate
 * @param authority PEM: the certificate of the fleet's authority
 */
public record TlsFiles(Path identity, Path authority) {
  /** Makes both absolute. */
  public TlsFiles {
    identity = identity.toAbsolutePath();
    authority = authority.toAbsolutePath();
  }

  /** ZooKeeper's settings below a prefix (Administrator's Guide, 'Encryption'). */
  Map<String, String> properties(String prefix) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put(prefix + "keyStore.location", identity.toString());
    properties.put(prefix + "keyStore.type", "PEM");
    properties.put(prefix + "trustStore.location", authority.toString());
    properties.put(prefix + "trustStore.type", "PEM");
    return properties;
  }

  /** Netty would use what the JDK is about to take away, and the JDK says so on standard error. */
  static void calmNetty() {
    System.setProperty("io.netty.noUnsafe", "true");
  }
}
