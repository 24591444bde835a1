package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.consensus.TlsFiles;
import io.pgfleet.deploy.certs.HostFiles;
import io.pgfleet.gateway.GatewaySettings;
import io.pgfleet.gateway.tls.ServerTlsSettings;
import io.pgfleet.gateway.tls.TlsMode;
import io.pgfleet.postgres.ServerTls;
import io.pgfleet.spec.ConsensusMember;
import io.pgfleet.spec.ConsensusSpec;
import io.pgfleet.spec.GatewaySpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** This host's certificate in a fleet, in the form that each who uses it wants. */
record HostTls(HostFiles files) {
  /**
   * The certificate, if the host has one. What {@code pgfleet up} runs on one machine has nothing
   * between hosts, and uses none.
   */
  static Optional<HostTls> of(Fleet fleet) {
    HostFiles files = new HostFiles(fleet.record().home().tls());
    boolean alone = fleet.spec().consensus().servers() instanceof ConsensusSpec.Alone;
    return !alone && files.exist() ? Optional.of(new HostTls(files)) : Optional.empty();
  }

  /**
   * The same, but refuses to go on without where the fleet spans hosts.
   *
   * @throws CommandFailure if there is none and a node or member listens on more than loopback
   */
  static Optional<HostTls> require(Fleet fleet, String host) {
    if (fleet.spec().consensus().servers() instanceof ConsensusSpec.Alone) {
      return Optional.empty();
    }
    Optional<HostTls> tls = of(fleet);
    Optional<HostPort> other =
        addresses(fleet).filter(address -> !address.isLoopback()).findFirst();
    if (tls.isEmpty() && other.isPresent()) {
      throw new CommandFailure(
          "fleet "
              + fleet.record().name()
              + " spans hosts ("
              + other.get().host()
              + "), and there is no certificate for this one in "
              + fleet.record().home().tls(),
          "on one host: 'pgfleet certs init FILE', 'pgfleet certs bundle "
              + host
              + " FOLDER'; copy FOLDER here, and: 'pgfleet certs install FOLDER'");
    }
    return tls;
  }

  private static Stream<HostPort> addresses(Fleet fleet) {
    Stream<HostPort> nodes =
        fleet.spec().groups().stream()
            .flatMap(group -> group.nodes().stream())
            .map(NodeSpec::address);
    List<HostPort> members =
        fleet.spec().consensus().servers() instanceof ConsensusSpec.Ensemble ensemble
            ? ensemble.members().stream().map(ConsensusMember::address).toList()
            : List.of();
    return Stream.concat(nodes, members.stream());
  }

  TlsFiles forConsensus() {
    return new TlsFiles(files.identity(), files.authority());
  }

  ServerTls forServer() {
    return new ServerTls(files.certificate(), files.key(), files.authority());
  }

  /** The gateway verifies servers, unless fleet.yaml asks for another kind of TLS. */
  GatewaySettings forGateway(GatewaySettings settings, GatewaySpec spec) {
    return spec.serverTls().mode() == GatewaySpec.TlsMode.DISABLE
        ? settings.withAccess(
            settings
                .access()
                .withServerTls(
                    ServerTlsSettings.of(TlsMode.VERIFY_FULL)
                        .withAuthorities(files.authority())
                        .withCertificate(files.certificate(), files.key())))
        : settings;
  }
}
