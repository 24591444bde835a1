package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServer.Replica;
import io.pgfleet.agent.NodeServerException;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.Result;
import io.pgfleet.wire.client.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What an agent asks of its own running server in SQL. */
final class PrimaryDesk {
  private static final String SLOT_PREFIX = "pgfleet_";

  private static final String REPLICAS =
      """
      select application_name, state, sync_state, coalesce(flush_lsn, '0/0') as flushed,
             coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint as lag
      from pg_stat_replication
      order by application_name
      """;

  private final LocalSession session;

  PrimaryDesk(LocalSession session) {
    this.session = session;
  }

  /** The slot that keeps WAL for a standby. */
  static String slotOf(NodeName standby) {
    return SLOT_PREFIX + standby.value();
  }

  SyncSet names() throws NodeServerException {
    String value = session.run("show synchronous_standby_names").getLast().single();
    return SyncNames.parse(String.valueOf(value));
  }

  Lsn flushed() throws NodeServerException {
    String value = session.run("select pg_current_wal_flush_lsn()").getLast().single();
    return Lsn.parse(String.valueOf(value));
  }

  void checkpoint() throws NodeServerException {
    session.run("checkpoint");
  }

  /** Whether a client's statement or transaction runs. */
  boolean isBusy() throws NodeServerException {
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

  /** Makes the missing slots and drops those of nobody; one that is in use stays. */
  void keepSlots(Set<NodeName> standbys) throws NodeServerException {
    Set<String> wanted = new TreeSet<>();
    standbys.forEach(standby -> wanted.add(slotOf(standby)));
    Set<String> present = new TreeSet<>();
    Result slots =
        session.run(
            "select slot_name, active from pg_replication_slots where slot_name like $1",
            SLOT_PREFIX.replace("_", "\\_") + "%");
    for (Row row : slots.rows()) {
      String slot = row.required("slot_name");
      present.add(slot);
      if (!wanted.contains(slot) && row.required("active").equals("f")) {
        session.run("select pg_drop_replication_slot($1)", slot);
      }
    }
    for (String slot : wanted) {
      if (!present.contains(slot)) {
        session.run("select pg_create_physical_replication_slot($1, true)", slot);
      }
    }
  }
}
