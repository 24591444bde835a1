package io.pgfleet.gateway.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Makes the JDK's contexts of TLS from PEM files. */
final class TlsContexts {
  private static final char[] NO_PASSWORD = {};

  private TlsContexts() {}

  /** A chain of certificates with the key of the first. */
  record Identity(List<X509Certificate> chain, PrivateKey key) {
    static Identity read(Path certificate, Path keyFile) throws TlsFileException {
      Identity identity = new Identity(Pem.certificates(certificate), Pem.key(keyFile));
      if (!identity.fits()) {
        throw new TlsFileException(
            keyFile, "the key is not that of the first certificate in " + certificate);
      }
      return identity;
    }

    private boolean fits() {
      PublicKey open = chain.getFirst().getPublicKey();
      String algorithm =
          switch (key) {
            case RSAKey _ -> "SHA256withRSA";
            case ECKey _ -> "SHA256withECDSA";
            default -> "EdDSA";
          };
      try {
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update((byte) 1);
        byte[] signature = signing.sign();
        signing.initVerify(open);
        signing.update((byte) 1);
        return signing.verify(signature);
      } catch (GeneralSecurityException e) {
        return false;
      }
    }
  }

  static SSLContext context(Optional<Identity> identity, TrustManager[] trust) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      KeyManager[] keys = identity.isPresent() ? keys(identity.get()) : new KeyManager[0];
      context.init(keys, trust, new SecureRandom());
      // Sessions are kept by nobody: a resumed one would go round a changed list of authorities.
      context.getServerSessionContext().setSessionCacheSize(1);
      context.getServerSessionContext().setSessionTimeout(1);
      context.getClientSessionContext().setSessionCacheSize(1);
      context.getClientSessionContext().setSessionTimeout(1);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS can't be set up: " + e.getMessage(), e);
    }
  }

  private static KeyManager[] keys(Identity identity) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    store.setKeyEntry(
        "gateway", identity.key(), NO_PASSWORD, identity.chain().toArray(X509Certificate[]::new));
    KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  /** Trusts what the authorities of a file have signed; without a file, what the JDK trusts. */
  static TrustManager[] trust(Optional<Path> authorities) throws IOException {
    try {
      KeyStore store = null;
      if (authorities.isPresent()) {
        store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        int number = 0;
        for (X509Certificate certificate : Pem.certificates(authorities.get())) {
          store.setCertificateEntry("authority " + number++, certificate);
        }
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      return factory.getTrustManagers();
    } catch (GeneralSecurityException e) {
      throw new IOException("the authorities can't be used: " + e.getMessage(), e);
    }
  }
}
