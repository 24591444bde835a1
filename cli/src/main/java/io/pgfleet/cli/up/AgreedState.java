package io.pgfleet.cli.up;

import io.pgfleet.agent.server.Accounts;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.AgreementRefusedException;
import io.pgfleet.consensus.AgreementSettings;
import io.pgfleet.consensus.Reach;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.ZooKeeperAgreement;
import io.pgfleet.postgres.host.Secrets;
import io.pgfleet.spec.ConsensusSpec;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.PasswordSource;
import io.pgfleet.spec.UserSpec;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** How the processes of a fleet reach its agreed state, wherever it is kept. */
final class AgreedState {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration FIRST_TRY = Duration.ofSeconds(5);

  private AgreedState() {}

  /**
   * Opens a session each time it is asked, for those who hold a lease or judge one: no call takes
   * longer than it lives.
   *
   * @throws CommandFailure if the fleet's secrets are not on this host
   */
  static Supplier<Agreement> sessions(Fleet fleet) {
    settings(fleet);
    return () -> ZooKeeperAgreement.open(settings(fleet), Ticker.system());
  }

  /**
   * The same from a host with a member of the ensemble: that one is asked first, so that other
   * hosts may come and go.
   */
  static Supplier<Agreement> sessions(Fleet fleet, HostPort own) {
    settings(fleet);
    return () ->
        ZooKeeperAgreement.open(settings(fleet).withFirst(own.toString()), Ticker.system());
  }

  /** The same for those who have time to find a member that is up. */
  static Supplier<Agreement> patientSessions(Fleet fleet) {
    settings(fleet);
    return () -> ZooKeeperAgreement.open(settings(fleet).withCallLimit(PATIENCE), Ticker.system());
  }

  /**
   * Tries to open a session with servers of the user's own, before anything hangs on it.
   *
   * @return why there is none now, as one sentence; empty if there is one
   * @throws CommandFailure if the servers refuse, which will not pass by itself
   */
  static Optional<String> trouble(Fleet fleet) {
    AgreementSettings settings = settings(fleet).withCallLimit(FIRST_TRY);
    try (Agreement _ = ZooKeeperAgreement.open(settings, Ticker.system())) {
      return Optional.empty();
    } catch (AgreementRefusedException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), "");
    } catch (AgreementException e) {
      return Optional.of(e.getMessage() + " " + unreachable(fleet));
    }
  }

  /** What each server does in place of serving, as one sentence. */
  static String unreachable(Fleet fleet) {
    return String.join("; ", Reach.explain(settings(fleet))) + ".";
  }

  private static AgreementSettings settings(Fleet fleet) {
    String secret = secret(fleet.record().home(), "consensus");
    ConsensusSpec consensus = fleet.spec().consensus();
    String connect = consensus.servers().connect();
    return switch (consensus.servers()) {
      case ConsensusSpec.Alone _ ->
          AgreementSettings.ownServers(connect, secret, consensus.lease());
      case ConsensusSpec.Ensemble _ ->
          AgreementSettings.ownServers(connect, secret, consensus.lease())
              .withTls(HostTls.of(fleet).map(HostTls::forConsensus));
      case ConsensusSpec.External external ->
          AgreementSettings.sharedServers(
                  connect, "/pgfleet/" + fleet.record().name(), secret, consensus.lease())
              .withTls(external.tls().map(tls -> new ExternalTls(fleet, tls).files()));
    };
  }

  /**
   * Sees that every password that hosts must share is here: one that was made up on this host would
   * open nothing on the others.
   */
  static void requireSecrets(Fleet fleet) {
    for (String name : secretNames(fleet.spec())) {
      String found = secret(fleet.record().home(), name);
      if (found.isEmpty()) {
        throw new IllegalStateException("an empty secret: " + name);
      }
    }
  }

  /** The names of what the hosts of a fleet share. */
  static List<String> secretNames(FleetSpec spec) {
    List<String> names =
        new ArrayList<>(
            List.of(
                "consensus",
                "role.postgres",
                "role." + Accounts.REPLICATION,
                "role." + Accounts.GATEWAY));
    for (UserSpec user : spec.users()) {
      if (user.password() instanceof PasswordSource.Generated) {
        names.add("user." + user.name());
      }
    }
    return names;
  }

  /** A secret that was made when the fleet was. */
  static String secret(FleetHome home, String name) {
    return Optional.of(name)
        .filter(_ -> Files.exists(home.secrets()))
        .flatMap(new Secrets(home.secrets())::get)
        .orElseThrow(() ->
            new CommandFailure(
                CommandFailure.NOT_RUNNING,
                "the secrets of fleet "
                    + home.name()
                    + " are not on this host: no "
                    + name
                    + " in "
                    + home.secrets(),
                "on one machine 'pgfleet up' makes them; on hosts 'pgfleet certs init FILE' on the"
                    + " first, 'pgfleet certs install FOLDER' on the others"));
  }
}
