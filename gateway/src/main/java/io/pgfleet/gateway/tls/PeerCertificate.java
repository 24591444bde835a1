package io.pgfleet.gateway.tls;

import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;

/**
 * Whom a client's verified certificate names.
 *
 * @param commonName the subject's CN, the first if there are several; empty if there is none
 * @param distinguishedName the whole subject in the form of RFC 2253
 */
public record PeerCertificate(String commonName, String distinguishedName) {
  static Optional<PeerCertificate> of(X509Certificate certificate) {
    String name = certificate.getSubjectX500Principal().getName(X500Principal.RFC2253);
    try {
      String common = "";
      for (Rdn part : new LdapName(name).getRdns()) {
        if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String text) {
          common = text;
          break;
        }
      }
      // a zero byte inside would let one name pass for another in C programs
      return common.indexOf('\0') >= 0
          ? Optional.empty()
          : Optional.of(new PeerCertificate(common, name));
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }
}
