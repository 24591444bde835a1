package io.pgfleet.agent;

import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.wire.Lsn;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One node's PostgreSQL server, as far as an agent observes it and acts on it. Calls block, and
 * each ends in bounded time. Only {@link #stopAtOnce} and {@link #mayWrite} may be called while
 * another call runs.
 */
public interface NodeServer {
  /** One row of {@code pg_stat_replication}. */
  record Replica(NodeName node, String state, String synchronous, Lsn flushed, long lagBytes) {
    /** Whether it receives WAL as it is written. */
    public boolean streaming() {
      return state.equals("streaming");
    }
  }

  /**
   * Why PostgreSQL refuses settings.
   *
   * @param remedy what to do about it
   */
  record Refusal(String why, String remedy) {}

  /** How a sealed standby can come to follow a primary. */
  sealed interface Way {
    /** Its WAL is a beginning of the primary's. */
    record GoOn() implements Way {}

    /**
     * It has WAL that the primary has not.
     *
     * @param why the evidence, for the log
     */
    record Rewind(String why) implements Way {}

    /**
     * It must be made anew.
     *
     * @param why the evidence, for the log
     */
    record MakeAnew(String why) implements Way {}
  }

  /** From now on the group has these nodes; those it was made with count until then. */
  void useNodes(List<NodeSpec> nodes);

  /** What runs here now. */
  LocalServer look() throws NodeServerException;

  /**
   * Makes the group's first data and starts it as a primary that waits for {@code names}, or starts
   * the data that is there.
   */
  void found(SyncSet names) throws NodeServerException;

  /** Starts the data that is there as a primary that waits for {@code names}. */
  void startPrimary(SyncSet names) throws NodeServerException;

  /** Starts the data that is there in recovery, receiving nothing. */
  void startSealed() throws NodeServerException;

  /**
   * Waits a moment, at most half a second, for a standby's WAL receiver to end, as it does when the
   * server that it receives from has shut down.
   *
   * @return whether it has ended
   */
  boolean upstreamEnds() throws NodeServerException;

  /**
   * Cuts the running standby from its upstream; {@link #look} tells when it holds still. Of a node
   * with a delay, it receives nothing more then, and goes on applying what it has.
   *
   * @param ifPromoted what it is likely to be promoted with; known already, that takes no time then
   */
  void seal(SyncSet ifPromoted) throws NodeServerException;

  /** Takes the standby out of recovery, waiting for {@code names} from its first commit on. */
  void promote(SyncSet names) throws NodeServerException;

  /**
   * Compares the sealed standby's WAL with the primary's history, also what it has not applied yet.
   *
   * @param source whom it is to receive from, who must still have what comes next
   */
  Way compare(LocalServer.Standby here, Member primary, Member source) throws NodeServerException;

  /** Lets the sealed standby receive WAL from the primary, or from a standby of its reign. */
  void follow(Member source) throws NodeServerException;

  /**
   * Sees to it, once, that a standby that was found following the primary has the configuration of
   * its node as that is now: the server may be older than this program.
   */
  void keepFollowing(Member source) throws NodeServerException;

  /** Takes back the WAL that the primary has not, if it can, and follows. */
  void rewind(Member primary, long systemIdentifier, Consumer<String> progress)
      throws NodeServerException;

  /** Replaces the data, if there is any, by a copy of a server's, and follows that. */
  void copyFrom(Member source, long systemIdentifier, Consumer<String> progress)
      throws NodeServerException;

  /**
   * Makes ready for a short stop: writes out what is dirty, and begins a new WAL segment, since
   * standbys receive the last one from its beginning when they connect to the next primary.
   *
   * @return the standbys that have all of that already; one that hangs has not
   */
  Set<NodeName> prepareToStop() throws NodeServerException;

  /**
   * What the server runs with, where it was just seen to answer; that is asked now and then, so it
   * may be some seconds old. Empty if the server does not answer.
   */
  Optional<Member.Running> running(LocalServer here);

  /**
   * The settings of the user that its configuration was written with last; empty if that was by
   * another program, as with a server that ran before this one.
   */
  Optional<Map<String, String>> settings();

  /**
   * Configures the server with these settings of the user, now if it runs, else at its next start.
   * What a reload can change changes at once; what needs a restart waits for one.
   */
  void useSettings(Map<String, String> settings, LocalServer here) throws NodeServerException;

  /**
   * Has PostgreSQL look at settings of the user without using them.
   *
   * @return why it refuses them; empty if it does not
   */
  Optional<Refusal> refusal(Map<String, String> settings);

  /** Waits, for a bounded time, until no client's statement or transaction runs. */
  void drain() throws NodeServerException;

  /** Stops cleanly: a primary first sends all of its WAL to the standbys it is connected to. */
  void stopCleanly() throws NodeServerException;

  /** Stops without writing anything more. */
  void stopAtOnce() throws NodeServerException;

  /** What the running primary waits for. */
  SyncSet names() throws NodeServerException;

  /** Changes what the running primary waits for. */
  void setNames(SyncSet names) throws NodeServerException;

  /**
   * Has commits of this primary wait for an archive, or no more, as it keeps up. Which nodes they
   * wait for stays the same.
   */
  default void attendArchive() throws NodeServerException {}

  /** The end of the running primary's WAL on disk. */
  Lsn flushed() throws NodeServerException;

  /** Has the running primary commit a transaction that changes nothing; waits for no standby. */
  void commitNothing() throws NodeServerException;

  /** The standbys connected to the running server, a primary or another standby. */
  List<Replica> replicas() throws NodeServerException;

  /** Makes the missing replication slots for these nodes and leaves all others as they are. */
  void makeSlots(Set<NodeName> standbys) throws NodeServerException;

  /**
   * Keeps a replication slot for each of these nodes, and none for others. Those of a standby hold
   * no WAL back, but of nodes that may receive nothing for long and still have to be able to follow
   * it when it is the primary.
   *
   * @param needed those, and the end of what each of them has
   */
  void keepSlots(Set<NodeName> standbys, Map<NodeName, Lsn> needed) throws NodeServerException;

  /** Has the listener run, on any thread, within moments of the server's process being gone. */
  void onGone(Runnable listener);

  /** Whether the server may be accepting writes, as far as was seen last. Any thread may ask. */
  boolean mayWrite();

  /**
   * Whether the server lets questions or new connections wait for long, as far as was seen when it
   * was looked at last; one that starts or recovers does not hang.
   */
  boolean hangs();

  /** Ends connections to the server, which goes on. */
  void disconnect();

  /** Brings users and databases of a primary to what fleet.yaml says. */
  void provision() throws NodeServerException;
}
