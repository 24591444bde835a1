package io.pgfleet.gateway.tls;

import java.nio.file.Path;
import java.util.Optional;

/**
 * TLS between clients and the gateway. The files are read again when they change.
 *
 * @param mode {@link TlsMode#DISABLE} answers SSLRequest with N
 * @param certificate PEM, the gateway's certificate first, then those up to the authority
 * @param key PEM, of that certificate; not encrypted
 * @param authorities PEM, whose certificates clients may show
 * @param oldest version that clients may speak
 */
public record ClientTlsSettings(
    TlsMode mode,
    Optional<Path> certificate,
    Optional<Path> key,
    Optional<Path> authorities,
    TlsVersion oldest) {
  /** No TLS. */
  public static final ClientTlsSettings OFF =
      new ClientTlsSettings(
          TlsMode.DISABLE,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          TlsVersion.TLS_1_2);

  public ClientTlsSettings {
    if (mode != TlsMode.DISABLE && (certificate.isEmpty() || key.isEmpty())) {
      throw new IllegalArgumentException(
          "TLS for clients needs a certificate and its key; give both files");
    }
    if (mode.verifies() && authorities.isEmpty()) {
      throw new IllegalArgumentException(
          "verifying the certificates of clients needs a file with the authorities' certificates");
    }
  }

  /** TLS with a certificate and its key. */
  public static ClientTlsSettings of(TlsMode mode, Path certificate, Path key) {
    return new ClientTlsSettings(
        mode, Optional.of(certificate), Optional.of(key), Optional.empty(), TlsVersion.TLS_1_2);
  }

  /** The same with authorities for the certificates of clients. */
  public ClientTlsSettings withAuthorities(Path file) {
    return new ClientTlsSettings(mode, certificate, key, Optional.of(file), oldest);
  }
}
