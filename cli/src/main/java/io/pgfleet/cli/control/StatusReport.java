package io.pgfleet.cli.control;

import java.util.List;
import java.util.Optional;

/**
 * What {@code pgfleet status --json} prints; its names are kept stable.
 *
 * @param fleet its name
 * @param file its fleet.yaml, empty for the defaults
 * @param pid of the running program
 * @param ready whether there is a primary and every standby follows it
 * @param step what start-up is busy with; empty once it is over
 * @param groups one for now
 * @param archives the repositories of fleet.yaml
 */
public record StatusReport(
    String fleet,
    String file,
    long pid,
    boolean ready,
    String step,
    Gateway gateway,
    List<Group> groups,
    List<Archive> archives) {
  public StatusReport {
    groups = List.copyOf(groups);
    archives = List.copyOf(archives);
  }

  /**
   * The address applications connect to.
   *
   * @param held whether new transactions wait for a primary or a planned move
   * @param waiting clients that wait for a server connection
   * @param processes gateways in processes of their own that the fleet knows of; -1 if that was not
   *     asked, and then the other numbers are those of the gateway in the running program
   */
  public record Gateway(
      String address,
      boolean held,
      int clients,
      int waiting,
      int servers,
      long transactions,
      int processes) {}

  /** The same where gateways are processes of their own, so many of them. */
  public StatusReport withGateways(int processes) {
    return new StatusReport(
        fleet,
        file,
        pid,
        ready,
        step,
        new Gateway(gateway.address(), false, 0, 0, 0, 0, processes),
        groups,
        archives);
  }

  /** The same with what is said of the repositories. */
  public StatusReport withArchives(List<Archive> repositories) {
    return new StatusReport(fleet, file, pid, ready, step, gateway, groups, repositories);
  }

  /**
   * A repository.
   *
   * @param node whose program archives into it; empty if none does
   * @param end all WAL before it is in the repository; empty before any is
   * @param confirmed when that was so last, ISO 8601
   * @param newest when the newest whole base backup ended, ISO 8601; empty if there is none
   * @param trouble what is wrong; empty if nothing is
   * @param drilled when the newest drill ended, ISO 8601; empty if there was none
   * @param drillFailure why that drill failed; empty if it passed
   */
  public record Archive(
      String name,
      Optional<String> node,
      Optional<String> end,
      Optional<String> confirmed,
      Optional<String> newest,
      Optional<String> trouble,
      Optional<String> drilled,
      Optional<String> drillFailure) {}

  /**
   * A group.
   *
   * @param term the number of the primary's reign
   * @param primary the node that serves, empty while there is none
   * @param waitsFor the standbys of which some must have flushed a commit before it is acknowledged
   * @param pausedSince when maintenance began; empty unless the group is paused
   * @param scheduled a move of the primary that is to come, in words; empty if there is none
   */
  public record Group(
      String name,
      long term,
      Optional<String> primary,
      String waitsFor,
      Optional<String> pausedSince,
      Optional<String> scheduled,
      List<Node> nodes) {
    public Group {
      nodes = List.copyOf(nodes);
    }
  }

  /**
   * A node.
   *
   * @param role primary, standby, cloning, stopped, or silent if its agent says nothing
   * @param state streaming, catchup or the like for a standby as its primary sees it
   * @param synchronous PostgreSQL's word: quorum, sync, async; empty for a primary
   * @param lagBytes WAL of the primary that it has not replayed; empty if unknown
   * @param position the end of its WAL
   * @param note what it is doing or waiting for, or what keeps it from it
   * @param version of PostgreSQL that its server runs, such as 18.5; empty if unknown
   * @param installed the version of the programs that a start would use; empty if unknown
   * @param pendingRestart whether settings of its server wait for a restart
   */
  public record Node(
      String name,
      String address,
      String region,
      String role,
      String state,
      String synchronous,
      int timeline,
      Optional<String> position,
      Optional<Long> lagBytes,
      String note,
      Optional<String> version,
      Optional<String> installed,
      boolean pendingRestart) {}
}
