package io.pgfleet.gateway.tls;

import java.nio.file.Path;
import java.util.Optional;

/**
 * TLS between the gateway and servers. The files are read again when they change.
 *
 * @param authorities PEM, that sign the servers' certificates; without it the JDK's own count
 * @param certificate PEM, shown to servers that ask for one
 * @param key PEM, of that certificate; not encrypted
 */
public record ServerTlsSettings(
    TlsMode mode, Optional<Path> authorities, Optional<Path> certificate, Optional<Path> key) {
  /** If the server can, whatever its certificate: libpq's default. */
  public static final ServerTlsSettings PREFERRED = of(TlsMode.PREFER);

  public ServerTlsSettings {
    if (certificate.isPresent() != key.isPresent()) {
      throw new IllegalArgumentException(
          "the gateway's certificate for servers needs its key, and the key a certificate;"
              + " give both files or none");
    }
  }

  /** A mode, with no files. */
  public static ServerTlsSettings of(TlsMode mode) {
    return new ServerTlsSettings(mode, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The same with authorities that sign the servers' certificates. */
  public ServerTlsSettings withAuthorities(Path file) {
    return new ServerTlsSettings(mode, Optional.of(file), certificate, key);
  }

  /** The same with a certificate for servers that ask for one. */
  public ServerTlsSettings withCertificate(Path certificateFile, Path keyFile) {
    return new ServerTlsSettings(
        mode, authorities, Optional.of(certificateFile), Optional.of(keyFile));
  }
}
