package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.consensus.TlsFiles;
import io.pgfleet.deploy.PrivateFiles;
import io.pgfleet.deploy.certs.HostFiles;
import io.pgfleet.spec.ConsensusSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** TLS to ZooKeeper servers that the user runs: fleet.yaml's files, or the fleet's own. */
record ExternalTls(Fleet fleet, ConsensusSpec.Tls tls) {
  /**
   * The files as they are now. ZooKeeper's client wants certificate and key in one; where
   * fleet.yaml names two, one is made of them in the fleet's folder, anew when they change.
   *
   * @throws CommandFailure if one is missing or of another kind
   */
  TlsFiles files() {
    HostFiles own = new HostFiles(fleet.record().home().tls());
    Path authority = tls.authority().orElseGet(() -> required(own).authority());
    Path identity = tls.identity().map(this::joined).orElseGet(() -> required(own).identity());
    return new TlsFiles(identity, authority);
  }

  private HostFiles required(HostFiles own) {
    if (!own.exist()) {
      throw new CommandFailure(
          "fleet.yaml asks for TLS to the ZooKeeper servers without naming all its files, and this"
              + " host has no certificate of the fleet in "
              + own.folder(),
          "add authority, certificate and key to consensus.tls, or give the host one:"
              + " 'pgfleet certs bundle' and 'pgfleet certs install'");
    }
    return own;
  }

  private Path joined(ConsensusSpec.Identity identity) {
    Path file = fleet.record().home().zookeeperIdentity();
    try {
      String key = Files.readString(identity.key());
      if (!key.contains("-----BEGIN PRIVATE KEY-----")) {
        throw new CommandFailure(
            "the key " + identity.key() + " is not a PKCS#8 key in PEM, not encrypted",
            "'openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW' makes one of it");
      }
      String text = key.stripTrailing() + "\n" + Files.readString(identity.certificate());
      Optional<String> found =
          Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
      if (!found.equals(Optional.of(text))) {
        PrivateFiles.makeFolder(fleet.record().home().folder());
        PrivateFiles.write(file, text);
      }
      return file;
    } catch (IOException e) {
      throw new CommandFailure(
          "the certificate for the ZooKeeper servers can't be put into "
              + file
              + ": "
              + e.getMessage(),
          "see that this user may read the files of consensus.tls and write that folder");
    }
  }
}
