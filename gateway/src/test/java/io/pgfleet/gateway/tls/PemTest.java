package io.pgfleet.gateway.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.wire.scram.EndPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PemTest {
  @TempDir private Path folder;

  private void openssl(String... words) throws IOException {
    TestCertificates.run(
        java.util.stream.Stream.concat(
                java.util.stream.Stream.of("openssl"),
                java.util.Arrays.stream(words).map(word -> word.replace("@", folder + "/")))
            .toList());
  }

  @Test
  void keysOfAllFormsFitTheirCertificates() throws IOException {
    TestCertificates authority = TestCertificates.authority(folder, "ca");
    authority.sign("ec", "/CN=ec", "");
    authority.sign("rsa", "/CN=rsa", "", "-newkey", "rsa:2048");
    authority.sign("ed", "/CN=ed", "", "-newkey", "ed25519");
    openssl("ec", "-in", "@ec.key", "-out", "@sec1.key");
    openssl("rsa", "-in", "@rsa.key", "-traditional", "-out", "@pkcs1.key");
    for (String[] pair :
        new String[][] {
          {"ec", "ec"}, {"rsa", "rsa"}, {"ed", "ed"}, {"ec", "sec1"}, {"rsa", "pkcs1"}
        }) {
      Path certificate = folder.resolve(pair[0] + ".crt");
      assertThat(TlsContexts.Identity.read(certificate, folder.resolve(pair[1] + ".key")).chain())
          .hasSize(1);
    }
    assertThatThrownBy(
            () -> TlsContexts.Identity.read(folder.resolve("ec.crt"), folder.resolve("rsa.key")))
        .hasMessageContaining("rsa.key: the key is not that of the first certificate");
    assertThatThrownBy(() -> Pem.key(folder.resolve("ec.crt")))
        .hasMessageContaining("no private key");
    assertThatThrownBy(() -> Pem.certificates(folder.resolve("ec.key")))
        .hasMessageContaining("no certificate");
    assertThatThrownBy(() -> Pem.key(folder.resolve("nothing")))
        .isInstanceOf(TlsFileException.class);
  }

  @Test
  void encryptedKeysAreRefusedWithAWayOut() throws IOException {
    openssl("genpkey", "-algorithm", "ED25519", "-aes256", "-pass", "pass:x", "-out", "@enc.key");
    assertThatThrownBy(() -> Pem.key(folder.resolve("enc.key")))
        .hasMessageContaining("encrypted")
        .hasMessageContaining("openssl pkey");
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    Path file = folder.resolve("bad.key");
    for (String body : List.of("!!!!", "AAAA", "")) {
      for (String label : List.of("PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY")) {
        Files.writeString(
            file, "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n");
        assertThatThrownBy(() -> Pem.key(file)).isInstanceOf(TlsFileException.class);
      }
    }
  }

  @Test
  void channelBindingHashesAsTheSignatureDoes() throws Exception {
    for (String[] pair :
        new String[][] {
          {"sha256", "SHA-256"}, {"sha384", "SHA-384"}, {"sha512", "SHA-512"}, {"sha1", "SHA-256"}
        }) {
      openssl(
          "req",
          "-x509",
          "-nodes",
          "-newkey",
          "rsa:2048",
          "-" + pair[0],
          "-subj",
          "/CN=x",
          "-keyout",
          "@x.key",
          "-out",
          "@x.crt");
      var certificate = Pem.certificates(folder.resolve("x.crt")).getFirst();
      assertThat(EndPoint.of(certificate).orElseThrow().hash())
          .isEqualTo(MessageDigest.getInstance(pair[1]).digest(certificate.getEncoded()));
    }
    openssl(
        "req",
        "-x509",
        "-nodes",
        "-newkey",
        "rsa:2048",
        "-sha384",
        "-sigopt",
        "rsa_padding_mode:pss",
        "-subj",
        "/CN=x",
        "-keyout",
        "@x.key",
        "-out",
        "@x.crt");
    var pss = Pem.certificates(folder.resolve("x.crt")).getFirst();
    assertThat(EndPoint.of(pss).orElseThrow().hash())
        .isEqualTo(MessageDigest.getInstance("SHA-384").digest(pss.getEncoded()));
    openssl(
        "req", "-x509", "-nodes", "-newkey", "ed25519", "-subj", "/CN=x", "-keyout", "@x.key",
        "-out", "@x.crt");
    assertThat(EndPoint.of(Pem.certificates(folder.resolve("x.crt")).getFirst())).isEmpty();
  }
}
