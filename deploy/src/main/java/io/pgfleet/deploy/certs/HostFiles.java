package io.pgfleet.deploy.certs;

import io.pgfleet.deploy.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files of one host's certificate in a folder; all are PEM (RFC 7468). */
public record HostFiles(Path folder) {
  /** Makes the folder absolute. */
  public HostFiles {
    folder = folder.toAbsolutePath();
  }

  /** The certificate of the fleet's authority. */
  public Path authority() {
    return folder.resolve("ca.crt");
  }

  /** The host's certificate. */
  public Path certificate() {
    return folder.resolve("host.crt");
  }

  /** Its private key, PKCS #8, not encrypted. */
  public Path key() {
    return folder.resolve("host.key");
  }

  /** Key and certificate in one file, for those who want them so. */
  public Path identity() {
    return folder.resolve("host.pem");
  }

  /** Whether the host has a certificate. */
  public boolean exist() {
    return all().stream().allMatch(Files::isRegularFile);
  }

  private List<Path> all() {
    return List.of(authority(), certificate(), key(), identity());
  }

  void write(String authorityPem, String certificatePem, String keyPem) throws IOException {
    PrivateFiles.makeFolder(folder);
    PrivateFiles.write(authority(), authorityPem);
    PrivateFiles.write(key(), keyPem);
    PrivateFiles.write(certificate(), certificatePem);
    PrivateFiles.write(identity(), keyPem + certificatePem);
  }

  /** Copies the files to another folder, each of them in one step. */
  public void copyTo(HostFiles other) throws IOException {
    other.write(
        Files.readString(authority()), Files.readString(certificate()), Files.readString(key()));
  }
}
