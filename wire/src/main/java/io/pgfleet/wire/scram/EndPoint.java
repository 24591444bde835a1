package io.pgfleet.wire.scram;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Channel binding data of the type {@code tls-server-end-point} (RFC 5929 section 4): a hash of the
 * certificate that the server showed. A login bound to it can't be passed on by somebody in between
 * who shows another certificate.
 */
public record EndPoint(byte[] hash) {
  /** The type's name. */
  public static final String TYPE = "tls-server-end-point";

  public EndPoint {
    hash = hash.clone();
  }

  /**
   * The data for a server's certificate; empty if its signature has no hash function of its own
   * (Ed25519), for which RFC 5929 defines none.
   */
  public static Optional<EndPoint> of(X509Certificate certificate) {
    return hashName(certificate)
        .map(name -> {
          try {
            return new EndPoint(MessageDigest.getInstance(name).digest(certificate.getEncoded()));
          } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that can't be hashed by " + name, e);
          }
        });
  }

  /** The hash of the certificate's signature, or SHA-256 in the place of MD5 and SHA-1. */
  private static Optional<String> hashName(X509Certificate certificate) {
    String signature = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
    String hash;
    int with = signature.indexOf("WITH");
    if (with > 0) {
      hash = signature.substring(0, with);
    } else if (signature.equals("RSASSA-PSS")) {
      hash = pssHash(certificate).toUpperCase(Locale.ROOT);
    } else {
      return Optional.empty();
    }
    return switch (hash.replace("-", "")) {
      case "MD5", "SHA1", "SHA256" -> Optional.of("SHA-256");
      case "SHA224" -> Optional.of("SHA-224");
      case "SHA384" -> Optional.of("SHA-384");
      case "SHA512" -> Optional.of("SHA-512");
      default -> Optional.empty();
    };
  }

  private static String pssHash(X509Certificate certificate) {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
      parameters.init(certificate.getSigAlgParams());
      return parameters.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm();
    } catch (GeneralSecurityException | IOException e) {
      return "unknown";
    }
  }

  @Override
  public byte[] hash() {
    return hash.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EndPoint that && Arrays.equals(hash, that.hash);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(hash);
  }
}
