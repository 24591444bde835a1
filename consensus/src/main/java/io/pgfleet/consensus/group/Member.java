package io.pgfleet.consensus.group;

import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.util.List;
import java.util.Optional;

/**
 * What an agent says of its node, for others to read; it lives as long as the agent's session.
 *
 * @param host where clients and standbys reach the server
 * @param term the reign under which a primary serves or a standby follows; NONE for neither
 * @param timeline the server's timeline, 0 if unknown
 * @param position the end of its WAL: written if primary, flushed if standby
 * @param note what the agent is doing or waiting for, a short phrase for people; may be empty
 * @param waitsFor the standbys a primary waits for before it acknowledges a commit
 * @param standbys what the server sees of the standbys that receive from it, where its agent asks:
 *     that of a primary, and of a standby that is another's upstream
 * @param cannotLead whether something on its host forbids it to be promoted at the moment, which
 *     the note tells; no commit waits for it then
 * @param running what its server runs with; empty if it does not run, or its agent does not say
 */
public record Member(
    NodeName node,
    String host,
    int port,
    Role role,
    Term term,
    int timeline,
    Optional<Lsn> position,
    String note,
    SyncSet waitsFor,
    List<Standby> standbys,
    boolean cannotLead,
    Optional<Running> running) {

  /** What the node's server is. */
  public enum Role {
    /** It may accept writes: it runs, is out of recovery, and its agent holds the lease. */
    PRIMARY,
    /** It runs in recovery. */
    STANDBY,
    /** It is being made from the primary's data. */
    CLONING,
    /** It starts, stops, or waits to be started. */
    STOPPED
  }

  /**
   * One row of {@code pg_stat_replication}.
   *
   * @param state PostgreSQL's word: streaming, catchup, startup, backup
   * @param synchronous PostgreSQL's word: async, potential, sync, quorum
   * @param lagBytes WAL that the server has written, or received, and the standby has not replayed
   */
  public record Standby(NodeName node, String state, String synchronous, long lagBytes) {
    /** Whether it receives WAL as it is written. */
    public boolean streaming() {
      return state.equals("streaming");
    }
  }

  /**
   * What a server runs with, beside what it would run with if it were started now. The two differ
   * after an upgrade and after a change of settings until it is restarted.
   *
   * @param version {@code server_version} up to its first space, such as 18.5
   * @param installed the version of the programs that a start would use
   * @param pendingRestart whether settings of its configuration wait for a restart
   */
  public record Running(String version, String installed, boolean pendingRestart) {}

  public Member {
    standbys = List.copyOf(standbys);
  }

  /** What an agent says that knows nothing of what its server runs with. */
  public Member(
      NodeName node,
      String host,
      int port,
      Role role,
      Term term,
      int timeline,
      Optional<Lsn> position,
      String note,
      SyncSet waitsFor,
      List<Standby> standbys) {
    this(
        node,
        host,
        port,
        role,
        term,
        timeline,
        position,
        note,
        waitsFor,
        standbys,
        false,
        Optional.empty());
  }

  /** Whether a standby receives WAL from this node's server as it is written. */
  public boolean streamsTo(NodeName standby) {
    return standbys.stream().anyMatch(row -> row.node().equals(standby) && row.streaming());
  }

  /** The same with another note. */
  public Member withNote(String words) {
    return new Member(
        node,
        host,
        port,
        role,
        term,
        timeline,
        position,
        words,
        waitsFor,
        standbys,
        cannotLead,
        running);
  }
}
