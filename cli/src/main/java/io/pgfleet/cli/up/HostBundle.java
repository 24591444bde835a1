package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.deploy.PrivateFiles;
import io.pgfleet.deploy.certs.FleetAuthority;
import io.pgfleet.deploy.certs.HostFiles;
import io.pgfleet.postgres.host.Secrets;
import io.pgfleet.spec.ConsensusSpec;
import io.pgfleet.spec.ConsensusSpec.Tls;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.PasswordSource;
import io.pgfleet.spec.UserSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a host of a fleet needs before its agent or gateway can start: {@code fleet.yaml} and the
 * files that it names by relative paths, {@code secrets}, and {@code tls/}.
 */
public final class HostBundle {
  private static final String FLEET = "fleet.yaml";
  private static final String SECRETS = "secrets";
  private static final String TLS = "tls";

  private HostBundle() {}

  /** Makes the passwords that the hosts share, those that are not there yet. */
  public static void makeSecrets(Fleet fleet) {
    RunningFleet.prepare(fleet.record().home());
    Secrets secrets = new Secrets(fleet.record().home().secrets());
    AgreedState.secretNames(fleet.spec()).forEach(secrets::getOrCreate);
  }

  /** Gives this host a certificate that was issued here. */
  public static void installHere(Fleet fleet, FleetAuthority authority, String host) {
    try {
      authority.files(host).copyTo(new HostFiles(fleet.record().home().tls()));
    } catch (IOException e) {
      throw new CommandFailure(
          "the certificate can't be copied: " + e.getMessage(), "make room, and call it again");
    }
  }

  /**
   * Writes the folder for a host.
   *
   * @throws CommandFailure if it is there, or the host has no certificate
   */
  public static void write(Fleet fleet, FleetAuthority authority, String host, Path folder) {
    Path file =
        fleet
            .record()
            .file()
            .orElseThrow(() ->
                new CommandFailure(
                    CommandFailure.USAGE,
                    "fleet " + fleet.record().name() + " has no file",
                    "write a fleet.yaml that names its hosts"));
    if (Files.exists(folder)) {
      throw new CommandFailure(
          CommandFailure.USAGE, folder + " is there already", "choose another folder");
    }
    if (authority.issued(host).isEmpty()) {
      throw new CommandFailure(
          "no certificate was issued for " + host, "'pgfleet certs issue " + host + "' makes it");
    }
    makeSecrets(fleet);
    try {
      PrivateFiles.makeFolder(folder);
      PrivateFiles.write(folder.resolve(FLEET), Files.readString(file));
      copyNamed(fleet.spec(), Objects.requireNonNull(file.toAbsolutePath().getParent()), folder);
      PrivateFiles.write(
          folder.resolve(SECRETS), Files.readString(fleet.record().home().secrets()));
      authority.files(host).copyTo(new HostFiles(folder.resolve(TLS)));
    } catch (IOException e) {
      throw new CommandFailure(
          "the folder " + folder + " can't be written: " + e.getMessage(),
          "delete what is there of it, and call it again");
    }
  }

  private static void copyNamed(FleetSpec spec, Path from, Path to) throws IOException {
    for (Path named : named(spec)) {
      if (named.startsWith(from)) {
        Path copy = to.resolve(from.relativize(named).toString());
        Path parent = copy.getParent();
        if (parent != null) {
          PrivateFiles.makeFolder(parent);
        }
        Files.copy(named, copy);
      }
    }
  }

  private static List<Path> named(FleetSpec spec) {
    List<Path> all = new ArrayList<>();
    spec.databases().forEach(database -> all.addAll(database.init()));
    for (UserSpec user : spec.users()) {
      if (user.password() instanceof PasswordSource.FromFile(Path path)) {
        all.add(path);
      }
    }
    if (spec.consensus().servers() instanceof ConsensusSpec.External(_, Optional<Tls> tls)) {
      tls.flatMap(Tls::authority).ifPresent(all::add);
      tls.flatMap(Tls::identity)
          .ifPresent(identity -> all.addAll(List.of(identity.certificate(), identity.key())));
    }
    return all.stream().distinct().filter(Files::isRegularFile).toList();
  }

  /**
   * Takes a host's secrets and certificate out of a folder.
   *
   * @throws CommandFailure if it lacks something, or the host has other secrets of this fleet
   */
  public static void install(Fleet fleet, Path folder) {
    HostFiles files = new HostFiles(folder.resolve(TLS));
    Path secrets = folder.resolve(SECRETS);
    if (!files.exist() || !Files.isRegularFile(secrets)) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "not all that a host needs is in " + folder,
          "make the folder with 'pgfleet certs bundle HOST FOLDER'");
    }
    Path own = fleet.record().home().secrets();
    Optional<String> here =
        Files.exists(own) ? new Secrets(own).get("consensus") : Optional.empty();
    Optional<String> there = new Secrets(secrets).get("consensus");
    if (here.isPresent() && !here.equals(there)) {
      throw new CommandFailure(
          "this host has secrets of another fleet " + fleet.record().name() + " in " + own,
          "give the fleet another name, or delete that file if that fleet is gone");
    }
    try {
      RunningFleet.prepare(fleet.record().home());
      PrivateFiles.write(own, Files.readString(secrets));
      files.copyTo(new HostFiles(fleet.record().home().tls()));
    } catch (IOException e) {
      throw new CommandFailure(
          "the files can't be installed: " + e.getMessage(), "mend that, and call it again");
    }
  }
}
