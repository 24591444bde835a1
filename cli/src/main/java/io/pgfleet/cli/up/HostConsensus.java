package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.consensus.ConsensusStartException;
import io.pgfleet.consensus.EmbeddedConsensus;
import io.pgfleet.consensus.EnsembleMember;
import io.pgfleet.consensus.EnsembleSettings;
import io.pgfleet.consensus.TlsFiles;
import io.pgfleet.spec.ConsensusMember;
import io.pgfleet.spec.ConsensusSpec;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One host's part in keeping the agreed state: a member of an ensemble, or the only server. */
final class HostConsensus implements AutoCloseable {
  private final AutoCloseable server;
  private final CompletableFuture<String> failure;

  private HostConsensus(AutoCloseable server, CompletableFuture<String> failure) {
    this.server = server;
    this.failure = failure;
  }

  /**
   * Starts it.
   *
   * @throws CommandFailure if a port is taken or the folder can't be used
   */
  static HostConsensus start(Fleet fleet, ConsensusMember member, Optional<HostTls> tls) {
    if (!(fleet.spec().consensus().servers() instanceof ConsensusSpec.Ensemble ensemble)) {
      throw new IllegalStateException("no ensemble");
    }
    Path folder = fleet.record().home().member(member.name());
    Duration lease = fleet.spec().consensus().lease();
    Optional<TlsFiles> files = tls.map(HostTls::forConsensus);
    try {
      if (ensemble.members().size() == 1) {
        EmbeddedConsensus alone =
            EmbeddedConsensus.start(
                folder, FleetProgram.socketAddress(member.address()), lease, files);
        return new HostConsensus(alone, alone.failure());
      }
      EnsembleMember one =
          EnsembleMember.start(
              folder, new EnsembleSettings(member.number(), peers(ensemble), lease, files));
      return new HostConsensus(one, one.failure());
    } catch (ConsensusStartException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), "");
    }
  }

  private static Map<Integer, EnsembleSettings.Peer> peers(ConsensusSpec.Ensemble ensemble) {
    return ensemble.members().stream()
        .collect(Collectors.toMap(ConsensusMember::number, HostConsensus::peer));
  }

  private static EnsembleSettings.Peer peer(ConsensusMember member) {
    String host = member.address().host();
    return new EnsembleSettings.Peer(
        FleetProgram.socketAddress(member.address()),
        new InetSocketAddress(host, member.quorumPort()),
        new InetSocketAddress(host, member.electionPort()));
  }

  /** Why it has ended by itself; null while it has not. */
  @Nullable String failure() {
    return failure.getNow(null);
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
