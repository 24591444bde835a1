package io.pgfleet.gateway.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys in text form (RFC 7468). */
final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s([^-]*)-----END \\1-----");
  private static final long LARGEST = 1 << 20;

  private Pem() {}

  private record Block(String label, byte[] bytes) {}

  /** The certificates of a file, in its order; at least one. */
  static List<X509Certificate> certificates(Path file) throws TlsFileException {
    List<X509Certificate> all = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Block block : blocks(file)) {
        if (block.label().equals("CERTIFICATE") || block.label().equals("X509 CERTIFICATE")) {
          var in = new ByteArrayInputStream(block.bytes());
          if (factory.generateCertificate(in) instanceof X509Certificate certificate) {
            all.add(certificate);
          }
        }
      }
    } catch (GeneralSecurityException e) {
      throw new TlsFileException(file, "a certificate in it can't be read: " + e.getMessage(), e);
    }
    if (all.isEmpty()) {
      throw new TlsFileException(
          file, "no certificate is in it; it must have lines -----BEGIN CERTIFICATE-----");
    }
    return all;
  }

  /** The one private key of a file. */
  static PrivateKey key(Path file) throws TlsFileException {
    for (Block block : blocks(file)) {
      switch (block.label()) {
        case "PRIVATE KEY" -> {
          return decode(file, block.bytes());
        }
        case "RSA PRIVATE KEY" -> {
          return decode(file, KeyForms.fromPkcs1(block.bytes()));
        }
        case "EC PRIVATE KEY" -> {
          return decode(file, ecKey(file, block.bytes()));
        }
        case "ENCRYPTED PRIVATE KEY" ->
            throw new TlsFileException(
                file,
                "the key is encrypted, and there is nobody to ask for its password;"
                    + " write it in plain form (openssl pkey -in OLD -out NEW) with mode 0600");
        default -> {
          // certificates or parameters beside the key
        }
      }
    }
    throw new TlsFileException(
        file, "no private key is in it; it must have a line -----BEGIN PRIVATE KEY-----");
  }

  private static byte[] ecKey(Path file, byte[] sec1) throws TlsFileException {
    try {
      return KeyForms.fromSec1(sec1);
    } catch (IllegalArgumentException e) {
      throw new TlsFileException(file, "the key can't be read: " + e.getMessage(), e);
    }
  }

  private static PrivateKey decode(Path file, byte[] pkcs8) throws TlsFileException {
    PKCS8EncodedKeySpec form = new PKCS8EncodedKeySpec(pkcs8);
    for (String algorithm : new String[] {"EC", "RSA", "EdDSA", "RSASSA-PSS"}) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(form);
      } catch (InvalidKeySpecException another) {
        // the next algorithm may be its own
      } catch (GeneralSecurityException e) {
        throw new TlsFileException(file, "keys of " + algorithm + " can't be read here", e);
      }
    }
    throw new TlsFileException(file, "the key is none of RSA, EC or Ed25519, or is damaged");
  }

  private static List<Block> blocks(Path file) throws TlsFileException {
    List<Block> blocks = new ArrayList<>();
    try {
      if (Files.size(file) > LARGEST) {
        throw new TlsFileException(file, "it is larger than 1 MiB");
      }
      Matcher found = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
      while (found.find()) {
        if (found.group(2).contains("ENCRYPTED")) {
          blocks.add(new Block("ENCRYPTED PRIVATE KEY", new byte[0]));
        } else {
          blocks.add(new Block(found.group(1), Base64.getMimeDecoder().decode(found.group(2))));
        }
      }
    } catch (TlsFileException e) {
      throw e;
    } catch (IOException e) {
      throw new TlsFileException(file, "it can't be read: " + e, e);
    } catch (IllegalArgumentException e) {
      throw new TlsFileException(file, "what is between its BEGIN and END is not base64", e);
    }
    return blocks;
  }
}
