package io.pgfleet.deploy.certs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.deploy.DeployException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetAuthorityTest {
  private static final Duration YEAR = Duration.ofDays(365);
  private static final int DIGITAL_SIGNATURE = 0;
  private static final int CERTIFICATE_SIGNATURE = 5;

  @TempDir Path folder;

  private FleetAuthority authority() {
    return FleetAuthority.create(folder.resolve("ca"), "shop");
  }

  @Test
  void aHostsCertificateIsSignedByTheAuthorityAndIsForItsAddresses() throws Exception {
    FleetAuthority authority = authority();
    IssuedCertificate issued =
        authority.issue("n1", List.of("10.0.0.1", "fd00::5", "db1.example.org"), YEAR);
    assertThat(issued.addresses())
        .containsExactly("10.0.0.1", "fd00:0:0:0:0:0:0:5", "db1.example.org");
    HostFiles files = authority.files("n1");
    X509Certificate ca = Pem.certificate(files.authority());
    X509Certificate host = Pem.certificate(files.certificate());
    host.verify(ca.getPublicKey());
    host.checkValidity();
    ca.verify(ca.getPublicKey());
    assertThat(ca.getBasicConstraints()).isZero();
    assertThat(host.getBasicConstraints()).as("no authority itself").isEqualTo(-1);
    assertThat(host.getKeyUsage()[DIGITAL_SIGNATURE]).isTrue();
    assertThat(host.getKeyUsage()[CERTIFICATE_SIGNATURE]).isFalse();
    assertThat(host.getExtendedKeyUsage())
        .as("server and client")
        .containsExactly("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
    assertThat(issued.until())
        .isBetween(Instant.now().plus(Duration.ofDays(364)), Instant.now().plus(YEAR));
  }

  @Test
  void theKeyIsThatOfTheCertificateAndItsOwnersAlone() throws Exception {
    FleetAuthority authority = authority();
    authority.issue("n1", List.of("10.0.0.1"), YEAR);
    HostFiles files = authority.files("n1");
    byte[] text = {1, 2, 3};
    Signature signing = Signature.getInstance("SHA256withECDSA");
    signing.initSign(Pem.key(files.key(), "EC"));
    signing.update(text);
    byte[] signed = signing.sign();
    Signature checking = Signature.getInstance("SHA256withECDSA");
    checking.initVerify(Pem.certificate(files.certificate()));
    checking.update(text);
    assertThat(checking.verify(signed)).isTrue();
    for (Path file : List.of(files.key(), files.identity(), folder.resolve("ca/ca.key"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
    assertThat(Files.readString(files.identity()))
        .contains("-----BEGIN PRIVATE KEY-----", "-----BEGIN CERTIFICATE-----");
  }

  @Test
  void aRenewedCertificateHasTheSameAddressesAndAnotherKey() throws Exception {
    FleetAuthority authority = authority();
    authority.issue("n1", List.of("10.0.0.1"), Duration.ofDays(1));
    String before = Files.readString(authority.files("n1").key());
    FleetAuthority later = FleetAuthority.open(folder.resolve("ca"));
    IssuedCertificate renewed = later.renew("n1", YEAR);
    assertThat(renewed.addresses()).containsExactly("10.0.0.1");
    assertThat(Files.readString(later.files("n1").key())).isNotEqualTo(before);
    assertThat(later.all()).containsExactly(renewed);
  }

  @Test
  void whatCanNotBeIssuedIsSaidWithWhatToDo() {
    FleetAuthority authority = authority();
    assertThatThrownBy(() -> authority.issue("../n1", List.of("10.0.0.1"), YEAR))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("is no host's name");
    assertThatThrownBy(() -> authority.issue("n1", List.of(), YEAR))
        .isInstanceOfSatisfying(
            DeployException.class, e -> assertThat(e.remedy()).contains("--address"));
    assertThatThrownBy(() -> authority.issue("n1", List.of("x"), Duration.ofDays(4000)))
        .hasMessageContaining("valid until");
    assertThatThrownBy(() -> authority.renew("n1", YEAR)).hasMessageContaining("was issued for n1");
    assertThatThrownBy(() -> FleetAuthority.create(folder.resolve("ca"), "shop"))
        .hasMessageContaining("there is a certificate authority");
    assertThatThrownBy(() -> FleetAuthority.open(folder.resolve("none")))
        .hasMessageContaining("there is no certificate authority");
  }
}
