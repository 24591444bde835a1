package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServer.Replica;
import io.pgfleet.agent.NodeServerException;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.SqlState;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Result;
import io.pgfleet.wire.client.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What an agent asks of its own running server in SQL. */
final class PrimaryDesk {
  private static final int DRAIN_LOOKS = 200;
  private static final int CATCH_UP_LOOKS = 100;
  private static final String SLOT_PREFIX = "pgfleet_";

  private static final String REPLICAS =
      """
      select application_name, state, sync_state, coalesce(flush_lsn, '0/0') as flushed,
             coalesce(
               pg_wal_lsn_diff(
                 case when pg_is_in_recovery() then pg_last_wal_receive_lsn()
                      else pg_current_wal_lsn() end,
                 replay_lsn),
               0)::bigint as lag
      from pg_stat_replication
      order by application_name
      """;

  private static final String DROP_SLOT = "select pg_drop_replication_slot($1)";

  /**
   * Slots of nobody; on a standby those that hold WAL back, on a primary those that do not. No
   * node's name begins with an underscore: such slots are those of archives.
   */
  private static final String SLOTS_TO_DROP =
      """
      select slot_name from pg_replication_slots
      where slot_name like $1 and slot_name not like 'pgfleet\\_\\_%' and not active
        and (slot_name <> all ($2::text[])
          or (pg_is_in_recovery() and slot_name <> all ($3::text[])) = (restart_lsn is not null))
      """;

  private static final String MAKE_SLOTS =
      """
      select pg_create_physical_replication_slot(
          wanted, not pg_is_in_recovery() or wanted = any ($2::text[]))
      from unnest($1::text[]) wanted
      where wanted not in (select slot_name from pg_replication_slots)
      """;

  /**
   * A slot keeps what a standby's queries need while nobody is connected, too ({@code
   * hot_standby_feedback}), and vacuum waits for that. A node that receives from elsewhere now says
   * it there. The slot that is made in its place keeps WAL from the last checkpoint on.
   */
  private static final String DROP_STALE_SLOT =
      """
      select pg_drop_replication_slot(slot_name)
      from pg_replication_slots, pg_control_checkpoint()
      where slot_name = $1 and not active and xmin is not null and redo_lsn <= $2::pg_lsn
      """;

  /** Never back; and no farther than WAL goes here. */
  private static final String ADVANCE_SLOT =
      """
      select pg_replication_slot_advance(slot_name, least($2::pg_lsn, here))
      from pg_replication_slots,
        lateral (select case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                             else pg_current_wal_flush_lsn() end as here) wal
      where slot_name = $1 and not active and restart_lsn < least($2::pg_lsn, here)
      """;

  private final LocalSession session;

  PrimaryDesk(LocalSession session) {
    this.session = session;
  }

  /** The slot that keeps WAL for a standby. */
  static String slotOf(NodeName standby) {
    return SLOT_PREFIX + standby.value();
  }

  SyncNames names() throws NodeServerException {
    String value = session.run("show synchronous_standby_names").getLast().single();
    return SyncNames.parse(String.valueOf(value));
  }

  Lsn flushed() throws NodeServerException {
    String value = session.run("select pg_current_wal_flush_lsn()").getLast().single();
    return Lsn.parse(String.valueOf(value));
  }

  /** Its number is all that is written of such a transaction; no standby is waited for. */
  void commitNothing() throws NodeServerException {
    session.run("select pg_current_xact_id()");
  }

  /** Whether a client's statement or transaction runs. */
  private boolean isBusy() throws NodeServerException {
    String busy =
        session
            .run(
                "select exists (select from pg_stat_activity where backend_type = 'client backend'"
                    + " and state <> 'idle' and pid <> pg_backend_pid())")
            .getLast()
            .single();
    return "t".equals(busy);
  }

  List<Replica> replicas() throws NodeServerException {
    List<Replica> replicas = new ArrayList<>();
    for (Row row : session.run(REPLICAS).getLast().rows()) {
      String name = row.required("application_name");
      String state = row.get("state");
      if (isNodeName(name) && state != null) {
        replicas.add(
            new Replica(
                new NodeName(name),
                state,
                row.required("sync_state"),
                Lsn.parse(row.required("flushed")),
                Long.parseLong(row.required("lag"))));
      }
    }
    return replicas;
  }

  private static boolean isNodeName(String name) {
    try {
      new NodeName(name);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Makes the missing slots and drops those of nobody; one that is in use stays. On a standby they
   * hold no WAL back until somebody connects (PostgreSQL manual, 'Replication Management
   * Functions'): they are there so that others can follow it from the moment it wins an election.
   */
  void keepSlots(Set<NodeName> standbys, Map<NodeName, Lsn> needed) throws NodeServerException {
    String wanted = slotsOf(standbys);
    String holding = slotsOf(needed.keySet());
    Result needless =
        session.run(SLOTS_TO_DROP, SLOT_PREFIX.replace("_", "\\_") + "%", wanted, holding);
    for (Row row : needless.rows()) {
      unlessInUse(DROP_SLOT, row.required("slot_name"));
    }
    for (Map.Entry<NodeName, Lsn> end : needed.entrySet()) {
      unlessInUse(DROP_STALE_SLOT, slotOf(end.getKey()), end.getValue().toString());
    }
    session.run(MAKE_SLOTS, wanted, holding);
    for (Map.Entry<NodeName, Lsn> end : needed.entrySet()) {
      unlessInUse(ADVANCE_SLOT, slotOf(end.getKey()), end.getValue().toString());
    }
  }

  /** Makes the missing slots. */
  void makeSlots(Set<NodeName> standbys) throws NodeServerException {
    session.run(MAKE_SLOTS, slotsOf(standbys), slotsOf(Set.of()));
  }

  private static String slotsOf(Set<NodeName> standbys) {
    return standbys.stream()
        .map(PrimaryDesk::slotOf)
        .sorted()
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** Somebody may connect to a slot between the look at it and what is done to it. */
  private void unlessInUse(String sql, String... arguments) throws NodeServerException {
    try {
      session.run(sql, arguments);
    } catch (NodeServerException e) {
      boolean taken =
          e.getCause() instanceof PostgresException refusal
              && refusal.sqlState().equals(SqlState.OBJECT_IN_USE);
      if (!taken) {
        throw e;
      }
    }
  }

  /** As {@code NodeServer.prepareToStop()}. */
  Set<NodeName> prepareToStop() throws NodeServerException {
    session.run("select pg_switch_wal()");
    Lsn end = flushed();
    session.run("checkpoint");
    // The rest of the segment has to reach the standbys, too; it had better not be on the way when
    // applications are held.
    List<Replica> replicas = replicas();
    for (int i = 0; i < CATCH_UP_LOOKS && !replicas.stream().allMatch(has(end)); i++) {
      ServerEye.pause();
      replicas = replicas();
    }
    return replicas.stream()
        .filter(Replica::streaming)
        .filter(has(end))
        .map(Replica::node)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** One that does not stream is not waited for. */
  private static Predicate<Replica> has(Lsn end) {
    return replica -> !replica.streaming() || replica.flushed().reaches(end);
  }

  /** Waits, for a bounded time, until no client's statement or transaction runs. */
  void drain() throws NodeServerException {
    for (int i = 0; i < DRAIN_LOOKS && (i < 2 || isBusy()); i++) {
      ServerEye.pause();
    }
  }
}
