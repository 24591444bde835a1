package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServerException;
import io.pgfleet.agent.server.LocalSession.SilentException;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.Row;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Asks a server what it is, over a connection of its own, so that an answer does not wait for what
 * the agent is doing. Any thread may ask; those who ask at the same time share an answer.
 */
public final class ServerInquiry implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final long FRESH_NANOS = Duration.ofMillis(50).toNanos();

  private static final String FACTS =
      """
      select pg_is_in_recovery() as standby,
             pg_postmaster_start_time() as started,
             current_setting('server_version_num') as version,
             case when pg_is_in_recovery()
                  then coalesce((select received_tli from pg_stat_wal_receiver),
                                (select timeline_id from pg_control_checkpoint()))
                  else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int
                  end as timeline,
             case when pg_is_in_recovery() then null else pg_current_wal_lsn() end as written,
             pg_last_wal_receive_lsn() as received,
             pg_last_wal_replay_lsn() as replayed,
             (select latest_end_lsn from pg_stat_wal_receiver) as upstream_end,
             case when pg_is_in_recovery() then pg_is_wal_replay_paused() else false end as paused,
             (select status from pg_stat_wal_receiver) as receiver
      """;

  private final LocalSession session;
  private final BooleanSupplier runs;
  private final Ticker ticker;
  private Optional<ServerFacts> last = Optional.empty();
  private long askedAt;

  /** Asks the server of this host, and nobody while it does not run. */
  public ServerInquiry(NodePlace place, Ticker ticker) {
    this(place.access(), () -> place.server().status().isAlive(), ticker);
  }

  /** Asks a server of any host. */
  public ServerInquiry(ServerAccess access, Ticker ticker) {
    this(access, () -> true, ticker);
  }

  private ServerInquiry(ServerAccess access, BooleanSupplier runs, Ticker ticker) {
    this.runs = runs;
    this.ticker = ticker;
    this.askedAt = ticker.nanos() - FRESH_NANOS;
    this.session = new LocalSession(access.session().withTimeouts(PATIENCE, PATIENCE));
  }

  /** What it says; empty if it does not run or does not answer. */
  public synchronized Optional<ServerFacts> facts() {
    if (ticker.nanos() - askedAt >= FRESH_NANOS) {
      last = ask();
      askedAt = ticker.nanos();
    }
    return last;
  }

  private Optional<ServerFacts> ask() {
    if (!runs.getAsBoolean()) {
      return Optional.empty();
    }
    try {
      return Optional.of(facts(session.ask(FACTS).getLast().onlyRow()));
    } catch (SilentException | NodeServerException e) {
      return Optional.empty();
    }
  }

  private static ServerFacts facts(Row row) {
    return new ServerFacts(
        row.required("standby").equals("t"),
        row.required("started"),
        Integer.parseInt(row.required("version")),
        Integer.parseInt(row.required("timeline")),
        position(row, "written"),
        position(row, "received"),
        position(row, "replayed"),
        position(row, "upstream_end"),
        row.required("paused").equals("t"),
        Optional.ofNullable(row.get("receiver")));
  }

  private static Optional<Lsn> position(Row row, String column) {
    return Optional.ofNullable(row.get(column)).map(Lsn::parse);
  }

  @Override
  public synchronized void close() {
    session.close();
  }
}
