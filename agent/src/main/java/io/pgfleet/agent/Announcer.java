package io.pgfleet.agent;

import io.pgfleet.agent.NodeServer.Replica;
import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.spec.HostPort;
import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says what a node is, at once when it becomes something else and otherwise now and then, so that
 * positions that change with every commit do not become writes to the agreed state.
 */
final class Announcer {
  private static final long REFRESH_NANOS = Duration.ofSeconds(1).toNanos();

  private final AgentSettings settings;
  private final NodeServer server;
  private final GroupStore store;
  private final Ticker ticker;
  private final Supplier<Optional<String>> objection;
  private @Nullable Member said;
  private long saidAt;

  /**
   * One that has said nothing yet.
   *
   * @param objection why the node must not come to lead at the moment, if it must not
   */
  Announcer(
      AgentSettings settings,
      NodeServer server,
      GroupStore store,
      Ticker ticker,
      Supplier<Optional<String>> objection) {
    this.settings = settings;
    this.server = server;
    this.store = store;
    this.ticker = ticker;
    this.objection = objection;
  }

  /** Says what a node is that does not serve as primary. */
  void announce(Member.Role role, Term term, LocalServer here, String note) {
    say(role, term, here, note, new Leadership.Seen(List.of(), SyncSet.NONE));
  }

  /** Says that the node follows, and what it sees of the standbys that receive from it. */
  void announceStandby(Term term, LocalServer here, String note, List<Replica> receivers) {
    Leadership.Seen seen = new Leadership.Seen(receivers, SyncSet.NONE);
    say(Member.Role.STANDBY, term, here, note, seen);
  }

  /** Says that the node serves as primary from now on: gateways hold their clients until then. */
  void announceServing(Term term, LocalServer here, SyncSet names) {
    announcePrimary(term, here, new Leadership.Seen(List.of(), names));
  }

  /** Says that the node serves as primary. */
  void announcePrimary(Term term, LocalServer here, Leadership.Seen seen) {
    say(Member.Role.PRIMARY, term, here, "", seen);
  }

  /** Says the same as last with another note. */
  void note(String note) {
    Member last = said;
    if (last != null && !last.note().equals(note)) {
      Member member = last.withNote(note);
      store.announce(member);
      said = member;
      saidAt = ticker.nanos();
    }
  }

  private void say(
      Member.Role role, Term term, LocalServer here, String note, Leadership.Seen seen) {
    HostPort address = settings.node().address();
    Optional<String> unfit = objection.get();
    Member member =
        new Member(
            settings.name(),
            address.host(),
            address.port(),
            role,
            term,
            timelineOf(here),
            positionOf(here),
            unfit.map(why -> note.isEmpty() ? why : note + "; " + why).orElse(note),
            seen.names(),
            seen.replicas().stream()
                .map(replica ->
                    new Member.Standby(
                        replica.node(), replica.state(), replica.synchronous(), replica.lagBytes()))
                .toList(),
            unfit.isPresent(),
            server.running(here));
    long now = ticker.nanos();
    if (said == null || !outline(member).equals(outline(said)) || due(member, now)) {
      store.announce(member);
      said = member;
      saidAt = now;
    }
  }

  private boolean due(Member member, long now) {
    return now - saidAt >= REFRESH_NANOS && !member.equals(said);
  }

  /**
   * What is worth saying at once: all but positions and words for people. Whatever is said wakes
   * every agent of the group, and in a failover they have better things to do.
   */
  private static Member outline(Member member) {
    return new Member(
        member.node(),
        member.host(),
        member.port(),
        member.role(),
        member.term(),
        member.timeline(),
        Optional.empty(),
        "",
        member.waitsFor(),
        member.standbys().stream()
            .map(row -> new Member.Standby(row.node(), row.state(), row.synchronous(), 0))
            .toList(),
        member.cannotLead(),
        member.running());
  }

  private static int timelineOf(LocalServer here) {
    return switch (here) {
      case LocalServer.Primary primary -> primary.timeline();
      case LocalServer.Standby standby -> standby.timeline();
      case LocalServer.Absent(), LocalServer.Stopped(_), LocalServer.Silent(_) -> 0;
    };
  }

  private static Optional<Lsn> positionOf(LocalServer here) {
    return switch (here) {
      case LocalServer.Primary primary -> Optional.of(primary.written());
      case LocalServer.Standby standby -> Optional.of(standby.flushed());
      case LocalServer.Absent(), LocalServer.Stopped(_), LocalServer.Silent(_) -> Optional.empty();
    };
  }
}
