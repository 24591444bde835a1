package io.pgfleet.deploy.certs;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * What a certificate says.
 *
 * @param name of the host
 * @param addresses names and addresses under which the host may be reached
 * @param until when it ceases to be valid
 */
public record IssuedCertificate(String name, List<String> addresses, Instant until) {
  /** Copies the addresses. */
  public IssuedCertificate {
    addresses = List.copyOf(addresses);
  }

  static IssuedCertificate of(String name, X509Certificate certificate)
      throws CertificateParsingException {
    Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
    List<String> addresses =
        alternatives == null
            ? List.of()
            : alternatives.stream().map(one -> String.valueOf(one.get(1))).toList();
    return new IssuedCertificate(name, addresses, certificate.getNotAfter().toInstant());
  }
}
