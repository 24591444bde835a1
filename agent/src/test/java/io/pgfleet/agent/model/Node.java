package io.pgfleet.agent.model;

import org.jspecify.annotations.Nullable;

/** One node: a server, the agent beside it, and the agent's session. */
final class Node implements Cloneable {
  static final int NONE = -1;

  /** What an agent's session is. */
  enum Session {
    /** There is none. */
    NONE,
    /** It is certain to live. */
    CERTAIN,
    /** It lives, and its holder can't know that any more. */
    UNCERTAIN,
    /** It is over, and its holder has not heard of that. */
    EXPIRED
  }

  // The server. A standby is what is marked as one on disk.
  boolean data;
  boolean running;
  boolean standby = true;
  boolean promoting;
  int log;

  /** The highest timeline it has heard of. */
  int known;

  /** What the configuration file says, and what its processes have read of that. */
  int names;

  int sessionNames;

  /** Whether the checkpointer knows that there are names to wait for. */
  boolean namesDefined;

  int upstream = NONE;
  int sessionUpstream = NONE;
  int startupUpstream = NONE;

  /** From whom it receives, and up to where: 0 as long as the other end is there. */
  int receiver = NONE;

  int receivable;

  /** Its walsenders, by standby. */
  @Nullable Walsender[] walsenders;

  // The agent.
  boolean alive;
  boolean frozen;
  Session session = Session.NONE;

  /** Whether a session of an earlier life still lives. */
  boolean earlierSession;

  boolean mayWrite;

  /** Whether its guard believes that the session is certain, with {@link Flaw}. */
  boolean deluded;

  /** Whether this life of the agent has had its server write by right. */
  boolean led;

  boolean sealed;
  boolean sealing;
  boolean yielding;

  /** NamesInEffect: the names seen and the position read; {@link #NONE} for null. */
  int seenNames = NONE;

  int namesFrom = NONE;
  @Nullable View slowView;
  @Nullable Write underWay;

  /** Whether the write was sent in the earlier session. */
  boolean sentEarlier;

  Node(int size) {
    walsenders = new Walsender[size];
  }

  Node copy() {
    try {
      Node copy = (Node) clone();
      copy.walsenders = walsenders.clone();
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  boolean isPrimary() {
    return running && !standby;
  }

  boolean isStandby() {
    return running && standby;
  }

  boolean awake() {
    return alive && !frozen;
  }

  /** Whether the consensus servers keep its present session. */
  boolean sessionLives() {
    return session == Session.CERTAIN || session == Session.UNCERTAIN;
  }

  /** Whether its guard is about to stop the server. */
  boolean guardActs() {
    return awake() && mayWrite && session != Session.CERTAIN && !deluded;
  }

  /** The agent's object is made anew with each session. */
  void forget() {
    sealed = false;
    sealing = false;
    yielding = false;
    slowView = null;
    forgetNames();
  }

  void forgetNames() {
    seenNames = NONE;
    namesFrom = NONE;
  }

  @SuppressWarnings("EnumOrdinal") // a number within one run
  void pack(Fingerprint into) {
    into.add(data);
    into.add(running);
    into.add(standby);
    into.add(promoting);
    into.add(log, 4 * Bounds.MOST_RECORDS);
    into.add(known, 4);
    into.add(names, 7);
    into.add(sessionNames, 7);
    into.add(namesDefined);
    into.add(upstream + 1, 3);
    into.add(sessionUpstream + 1, 3);
    into.add(startupUpstream + 1, 3);
    into.add(receiver + 1, 3);
    into.add(receivable, 3);
    for (Walsender walsender : walsenders) {
      into.add(walsender != null);
      if (walsender != null) {
        walsender.pack(into);
      }
    }
    into.add(alive);
    into.add(frozen);
    into.add(session.ordinal(), 2);
    into.add(earlierSession);
    into.add(mayWrite);
    into.add(deluded);
    into.add(led);
    into.add(sealed);
    into.add(sealing);
    into.add(yielding);
    into.add(seenNames + 1, 8);
    into.add(namesFrom + 1, 4);
    into.add(slowView != null);
    if (slowView != null) {
      slowView.pack(into);
    }
    into.add(underWay != null);
    if (underWay != null) {
      underWay.pack(into);
      into.add(sentEarlier);
    }
  }
}
