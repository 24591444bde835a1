package io.pgfleet.deploy.certs;

import io.pgfleet.deploy.DeployException;
import io.pgfleet.deploy.PrivateFiles;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A fleet's certificate authority in a folder: its key, its certificate, and what it has issued, a
 * folder a host. Who has the folder can make hosts of the fleet, so it stays on one host, or
 * offline. Keys are of the curve P-256, signatures ECDSA with SHA-256.
 *
 * <p>A certificate serves both sides of a connection, since every host is client and server (RFC
 * 5280, 4.2.1.12). Renewing makes a new key, too.
 */
public final class FleetAuthority {
  /** How long the authority itself is good for. */
  public static final Duration LIFE = Duration.ofDays(3650);

  /** Machines' clocks differ; a certificate is good from a little before it is made. */
  private static final Duration CLOCKS = Duration.ofHours(1);

  private static final int SERIAL_BITS = 127;
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
  private static final String SIGNATURE = "SHA256withECDSA";

  private final Path folder;
  private final X509Certificate certificate;
  private final PrivateKey key;

  private FleetAuthority(Path folder, X509Certificate certificate, PrivateKey key) {
    this.folder = folder;
    this.certificate = certificate;
    this.key = key;
  }

  /** Whether an authority is there. */
  public static boolean exists(Path folder) {
    return Files.exists(certificateFile(folder));
  }

  /**
   * Makes an authority.
   *
   * @throws DeployException if there is one, or the folder can't be written to
   */
  public static FleetAuthority create(Path folder, String fleet) {
    if (exists(folder)) {
      throw new DeployException(
          "there is a certificate authority in " + folder,
          "go on with it; a new one would shut out every host that has a certificate of it");
    }
    try {
      KeyPair pair = keys();
      X500Name name = name("pgfleet " + fleet + " authority");
      JcaX509v3CertificateBuilder builder = builder(name, name, pair, LIFE);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      X509Certificate made = sign(builder, pair.getPrivate());
      PrivateFiles.makeFolder(folder);
      PrivateFiles.write(keyFile(folder), Pem.of(pair.getPrivate()));
      PrivateFiles.write(certificateFile(folder), Pem.of(made));
      return new FleetAuthority(folder, made, pair.getPrivate());
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      throw unusable(folder, e);
    }
  }

  /**
   * Opens the authority of a folder.
   *
   * @throws DeployException if there is none
   */
  public static FleetAuthority open(Path folder) {
    if (!exists(folder)) {
      throw new DeployException(
          "there is no certificate authority in " + folder,
          "'pgfleet certs init FILE' makes one; if another host has it, call this there");
    }
    try {
      X509Certificate found = Pem.certificate(certificateFile(folder));
      PrivateKey own = Pem.key(keyFile(folder), found.getPublicKey().getAlgorithm());
      return new FleetAuthority(folder, found, own);
    } catch (IOException | GeneralSecurityException e) {
      throw unusable(folder, e);
    }
  }

  private static Path certificateFile(Path folder) {
    return folder.resolve("ca.crt");
  }

  private static Path keyFile(Path folder) {
    return folder.resolve("ca.key");
  }

  private static DeployException unusable(Path folder, Exception cause) {
    return new DeployException(
        "the certificate authority in " + folder + " can't be used: " + cause.getMessage(),
        "see that the folder belongs to this user, and restore it from a backup if it is damaged",
        cause);
  }

  /** When the authority itself ceases to be valid. */
  public Instant until() {
    return certificate.getNotAfter().toInstant();
  }

  /**
   * Issues a certificate with a new key, in the place of one that the host may have had.
   *
   * @param host its name, which is also the name of its folder
   * @param addresses names and addresses under which other hosts reach it; at least one
   * @param validity how long it is good for
   * @throws DeployException if the name or an address is none
   */
  public IssuedCertificate issue(String host, List<String> addresses, Duration validity) {
    check(host, addresses, validity);
    try {
      KeyPair pair = keys();
      JcaX509v3CertificateBuilder builder =
          builder(
              X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
              name(host),
              pair,
              validity);
      JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(
          Extension.keyUsage,
          true,
          new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
      builder.addExtension(
          Extension.extendedKeyUsage,
          false,
          new ExtendedKeyUsage(
              new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
      builder.addExtension(Extension.subjectAlternativeName, false, names(addresses));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          identifiers.createAuthorityKeyIdentifier(certificate));
      X509Certificate made = sign(builder, key);
      PrivateFiles.makeFolder(folder.resolve("issued"));
      files(host).write(Pem.of(certificate), Pem.of(made), Pem.of(pair.getPrivate()));
      return IssuedCertificate.of(host, made);
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      throw unusable(folder, e);
    }
  }

  private void check(String host, List<String> addresses, Duration validity) {
    if (!HOST.matcher(host).matches()) {
      throw new DeployException(
          "'" + host + "' is no host's name",
          "use letters, digits, ., _ and -, at most 63, such as the name of its node");
    }
    if (addresses.isEmpty()) {
      throw new DeployException(
          "it is not known under which address " + host + " is reached",
          "add --address with a name or an address; may be given several times");
    }
    if (Instant.now().plus(validity).isAfter(until())) {
      throw new DeployException(
          "the authority itself is valid until " + until() + " only", "choose fewer days");
    }
  }

  /**
   * Issues it anew for the same addresses.
   *
   * @throws DeployException if there was none
   */
  public IssuedCertificate renew(String host, Duration validity) {
    IssuedCertificate old =
        issued(host)
            .orElseThrow(() ->
                new DeployException(
                    "no certificate was issued for " + host, "'pgfleet certs show' lists them"));
    return issue(host, old.addresses(), validity);
  }

  /** The files of a host's certificate; there are some once it was issued. */
  public HostFiles files(String host) {
    return new HostFiles(folder.resolve("issued").resolve(host));
  }

  /** The certificate that a host has, if one was issued. */
  public Optional<IssuedCertificate> issued(String host) {
    return all().stream().filter(one -> one.name().equals(host)).findFirst();
  }

  /** What was issued, by name. */
  public List<IssuedCertificate> all() {
    List<IssuedCertificate> all = new ArrayList<>();
    Path issued = folder.resolve("issued");
    if (!Files.isDirectory(issued)) {
      return all;
    }
    try (DirectoryStream<Path> hosts = Files.newDirectoryStream(issued)) {
      for (Path host : hosts) {
        all.add(
            IssuedCertificate.of(
                String.valueOf(host.getFileName()),
                Pem.certificate(new HostFiles(host).certificate())));
      }
    } catch (IOException | GeneralSecurityException e) {
      throw unusable(folder, e);
    }
    all.sort(Comparator.comparing(IssuedCertificate::name));
    return all;
  }

  /** What the certificate in a host's own files says. */
  public static IssuedCertificate read(HostFiles files) {
    try {
      return IssuedCertificate.of("host", Pem.certificate(files.certificate()));
    } catch (IOException | GeneralSecurityException e) {
      throw new DeployException(
          "the certificate in " + files.folder() + " can't be read: " + e.getMessage(),
          "install it anew with 'pgfleet certs install FOLDER'",
          e);
    }
  }

  private static KeyPair keys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static X500Name name(String text) {
    return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, text).build();
  }

  private static GeneralNames names(List<String> addresses) {
    return new GeneralNames(
        addresses.stream()
            .distinct()
            .map(text ->
                new GeneralName(
                    ADDRESS.matcher(text).matches() ? GeneralName.iPAddress : GeneralName.dNSName,
                    text))
            .toArray(GeneralName[]::new));
  }

  private static JcaX509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, KeyPair pair, Duration validity)
      throws GeneralSecurityException, CertIOException {
    Instant now = Instant.now();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer,
            new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE),
            Date.from(now.minus(CLOCKS)),
            Date.from(now.plus(validity)),
            subject,
            pair.getPublic());
    builder.addExtension(
        Extension.subjectKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
    return builder;
  }

  private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException, OperatorCreationException {
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
  }
}
