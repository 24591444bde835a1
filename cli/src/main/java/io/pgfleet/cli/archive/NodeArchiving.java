package io.pgfleet.cli.archive;

import io.pgfleet.agent.server.Accounts;
import io.pgfleet.agent.server.ArchiveStandby;
import io.pgfleet.agent.server.NodePlace;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.group.ArchiveMember;
import io.pgfleet.consensus.group.ArchiveRecords;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the program of a node does for the repositories: while the node's server is the primary it
 * archives and backs up; while it is a standby it keeps what the archives lack. It looks at the
 * server itself, and takes no part in what agents decide.
 */
public final class NodeArchiving implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NodeArchiving.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** Rounds between two looks at a standby's slots. */
  private static final int SLOT_ROUNDS = 10;

  private static final String IDENTITY =
      """
      select pg_is_in_recovery() as standby, s.system_identifier as system,
             pg_size_bytes(current_setting('wal_segment_size')) as segment,
             current_setting('synchronous_standby_names') as waited,
             current_setting('archive_mode') as mode, current_setting('archive_command') as command
      from pg_control_system() s
      """;

  private final NodePlace place;
  private final Supplier<Optional<ArchiveRecords>> records;
  private final List<RepositoryDuty> duties;
  private final Optional<NodePush> pushes;
  private final Optional<DrillDuty> drills;
  private final Thread thread;
  private volatile long system;
  private volatile boolean closed;

  private NodeArchiving(
      NodePlace place,
      Supplier<Optional<ArchiveRecords>> records,
      List<RepositoryDuty> duties,
      Optional<NodePush> pushes,
      Optional<DrillRound> drill,
      FleetSpec fleet,
      Supplier<StatusReport> status) {
    this.place = place;
    this.records = records;
    this.duties = duties;
    this.pushes = pushes;
    this.thread =
        Thread.ofPlatform().daemon().name("archiving-" + place.node().name()).start(this::run);
    this.drills =
        drill.map(round -> new DrillDuty(fleet, place.node().name(), status, () -> system, round));
  }

  /**
   * Begins for a node.
   *
   * @param home the fleet's own folder
   * @param records the group's, once the agreed state is reached
   * @param status what the fleet is doing
   */
  public static NodeArchiving start(
      FleetSpec fleet,
      NodePlace place,
      Path home,
      Supplier<Optional<ArchiveRecords>> records,
      Supplier<StatusReport> status) {
    BackupRound round = new BackupRound(place, fleet.backup(), status);
    Optional<NodePush> pushes =
        place.archiveCommand().map(command -> new NodePush(fleet, place, command));
    List<RepositoryDuty> duties =
        fleet.backup().repositories().stream()
            .map(repository ->
                new RepositoryDuty(
                    repository.name(),
                    () -> Repository.open(fleet, repository),
                    new Timetable(fleet.backup().every(), fleet.backup().at()),
                    // What commits wait for is put as it comes.
                    repository.synchronous() ? Duration.ZERO : fleet.backup().walInterval(),
                    repository.synchronous(),
                    round,
                    pushes))
            .toList();
    Optional<DrillRound> drill =
        duties.isEmpty()
            ? Optional.empty()
            : Optional.of(DrillRound.of(fleet.backup().drill(), place, home));
    return new NodeArchiving(place, records, duties, pushes, drill, fleet, status);
  }

  private ConnectSettings session() {
    return place
        .session("postgres", Accounts.SUPERUSER, place.wanted().accounts().superuserPassword())
        .withParameter("application_name", "pgfleet archive")
        .withTimeouts(CONNECT, ANSWER);
  }

  private ConnectSettings stream(String repository) {
    return place
        .session("postgres", Accounts.REPLICATION, place.wanted().accounts().replicationPassword())
        .withParameter("application_name", ArchiveStandby.nameOf(repository));
  }

  private void run() {
    while (!closed) {
      try {
        if (place.server().status().isAlive()) {
          attend();
        }
        duties.forEach(RepositoryDuty::rest);
        Thread.sleep(LOOK);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        log.error("archiving of {}", place.node().name(), e);
      }
    }
  }

  /** As long as the server answers. */
  private void attend() throws InterruptedException {
    try (Connection connection = Connection.open(session())) {
      Row identity = connection.query(IDENTITY).getFirst().onlyRow();
      // It stays so until the server starts anew. What it keeps by itself needs no slots.
      boolean pushed = handsOver(identity);
      ArchiveSlot.dropOthers(
          connection, pushed ? List.of() : duties.stream().map(RepositoryDuty::name).toList());
      for (int rounds = 0; !closed; rounds++) {
        identity = connection.query(IDENTITY).getFirst().onlyRow();
        system = Long.parseLong(identity.required("system"));
        if (identity.required("standby").equals("f")) {
          int segment = Integer.parseInt(identity.required("segment"));
          String waited = identity.required("waited");
          for (RepositoryDuty duty : duties) {
            String archiver = ArchiveStandby.nameOf(duty.name());
            duty.serve(
                stream(duty.name()),
                system,
                segment,
                waited.contains('"' + archiver + '"'),
                pushed);
          }
          announce();
        } else {
          duties.forEach(RepositoryDuty::rest);
          if (!pushed && rounds % SLOT_ROUNDS == 0) {
            keepSlots(connection);
          }
        }
        Thread.sleep(LOOK);
      }
    } catch (IOException | PostgresException | ServerException e) {
      log.debug("{} is not archived now", place.node().name(), e);
    }
  }

  /**
   * Whether the server archives by itself, with nothing left out: before it was started with that
   * its WAL is streamed, whatever fleet.yaml says by now.
   */
  private boolean handsOver(Row identity) {
    return place
        .archiveCommand()
        .filter(command ->
            identity.required("mode").equals("always")
                && identity.required("command").equals(command.value()))
        .isPresent();
  }

  private void announce() {
    try {
      for (RepositoryDuty duty : duties) {
        Optional<ArchiveMember> word = duty.word(place.node().name());
        records.get().ifPresent(reached -> word.ifPresent(reached::announce));
      }
    } catch (AgreementException e) {
      log.debug("how far the repositories are can't be told", e);
    }
  }

  private void keepSlots(Connection standby) throws IOException, PostgresException {
    if (place.node().neverPromote()) {
      return;
    }
    Map<String, Lsn> archived = new HashMap<>();
    try {
      records
          .get()
          .ifPresent(reached ->
              reached.archives().forEach(one -> archived.put(one.repository(), one.end())));
    } catch (AgreementException e) {
      log.debug("how far the repositories are is not known", e);
    }
    for (RepositoryDuty duty : duties) {
      ArchiveSlot.follow(
          standby, ArchiveSlot.of(duty.name()), archived.getOrDefault(duty.name(), Lsn.ZERO));
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    drills.ifPresent(DrillDuty::close);
    duties.forEach(RepositoryDuty::close);
    pushes.ifPresent(NodePush::close);
  }
}
