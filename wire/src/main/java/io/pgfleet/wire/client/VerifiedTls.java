package io.pgfleet.wire.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS between hosts that one authority vouches for: the server's certificate must be signed by it
 * and be for the host that was asked for (libpq's {@code sslmode=verify-full}), and the client
 * shows one of its own. The files are read for each connection, so a renewed one counts at once.
 */
public final class VerifiedTls {
  private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String KEY_END = "-----END PRIVATE KEY-----";

  private final Path certificate;
  private final Path key;
  private final Path authority;

  private VerifiedTls(Path certificate, Path key, Path authority) {
    this.certificate = certificate;
    this.key = key;
    this.authority = authority;
  }

  /**
   * Encryption that is required.
   *
   * @param certificate PEM, of this host
   * @param key PEM, PKCS #8, not encrypted
   * @param authority PEM, that signs the servers' certificates
   */
  public static Encryption of(Path certificate, Path key, Path authority) {
    VerifiedTls tls = new VerifiedTls(certificate, key, authority);
    return new Encryption(true, tls::wrap);
  }

  /**
   * The same for protocols with TLS of their own, from the files as they are now.
   *
   * @throws IOException if the files can't be read or used
   */
  public static SSLContext context(Path certificate, Path key, Path authority) throws IOException {
    return new VerifiedTls(certificate, key, authority).context();
  }

  private Socket wrap(Socket plain, String host, int port) throws IOException {
    if (context().getSocketFactory().createSocket(plain, host, port, true)
        instanceof SSLSocket wrapped) {
      wrapped.setUseClientMode(true);
      SSLParameters parameters = wrapped.getSSLParameters();
      // RFC 2818's way to compare names and addresses.
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      wrapped.setSSLParameters(parameters);
      wrapped.startHandshake();
      return wrapped;
    }
    throw new IOException("the JDK made no TLS socket");
  }

  private SSLContext context() throws IOException {
    try {
      KeyStore own = empty();
      Certificate[] chain = certificates(certificate).toArray(new Certificate[0]);
      own.setKeyEntry("host", privateKey(chain[0]), new char[0], chain);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, new char[0]);
      KeyStore trusted = empty();
      int number = 0;
      for (Certificate one : certificates(authority)) {
        trusted.setCertificateEntry("ca" + number++, one);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "the certificates in " + certificate.getParent() + " can't be used: " + e.getMessage(),
          e);
    }
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = new ByteArrayInputStream(Files.readAllBytes(file))) {
      Collection<? extends Certificate> all =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (all.isEmpty()) {
        throw new IOException("no certificate is in " + file);
      }
      return all;
    }
  }

  private PrivateKey privateKey(Certificate owner) throws IOException, GeneralSecurityException {
    String text = Files.readString(key, StandardCharsets.US_ASCII);
    int begin = text.indexOf(KEY_BEGIN);
    int end = text.indexOf(KEY_END);
    if (begin < 0 || end < begin) {
      throw new IOException("no private key in PKCS #8 form is in " + key);
    }
    byte[] bytes =
        Base64.getMimeDecoder().decode(text.substring(begin + KEY_BEGIN.length(), end).strip());
    return KeyFactory.getInstance(owner.getPublicKey().getAlgorithm())
        .generatePrivate(new PKCS8EncodedKeySpec(bytes));
  }
}
