package io.pgfleet.consensus;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/** Certificates for 127.0.0.1, each its own authority, made by the JDK's keytool. */
final class TestCertificates {
  private static final char[] PASSWORD = "changeit".toCharArray();

  private final Path folder;

  TestCertificates(Path folder, List<String> names) throws Exception {
    this.folder = Files.createDirectories(folder);
    for (String name : names) {
      make(name);
    }
  }

  private void make(String name) throws Exception {
    Path store = folder.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IllegalStateException(said);
    }
    KeyStore made = KeyStore.getInstance(store.toFile(), PASSWORD);
    String certificate = pem("CERTIFICATE", made.getCertificate(name).getEncoded());
    Files.writeString(authority(name), certificate);
    Files.writeString(
        identity(name), pem("PRIVATE KEY", made.getKey(name, PASSWORD).getEncoded()) + certificate);
  }

  private static String pem(String what, byte[] bytes) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(
            what,
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(bytes),
            what);
  }

  /** What those trust who are to believe the one of this name. */
  Path authority(String name) {
    return folder.resolve(name + ".crt");
  }

  /** Its key and certificate. */
  Path identity(String name) {
    return folder.resolve(name + ".pem");
  }

  /** For one who shows the first and believes the other. */
  TlsFiles files(String shown, String believed) {
    return new TlsFiles(identity(shown), authority(believed));
  }
}
