package io.pgfleet.agent.model;

/** A fault built into the model on purpose, to prove that the checker would find it. */
enum Flaw {
  /** None: the code as it is. */
  NONE,
  /** One vote of any voter is enough to take the term. */
  TOO_FEW_ANSWERS,
  /** Voters follow the wanted set first, what commits wait for after them. */
  NAMES_AFTER_VOTERS,
  /** Voters change although they have not flushed what the primary has. */
  FLUSH_NOT_AWAITED,
  /** The wait for a flush begins before every walsender has read the new names. */
  RELOAD_NOT_AWAITED,
  /** A guard that slept through its deadline believes what it looked at before. */
  LEASE_CHECKED_BEFORE_SLEEP,
  /** A standby votes while it still receives WAL. */
  VOTE_WHILE_RECEIVING,
  /** A standby that looks sealed votes although this life of its agent has not sealed it. */
  VOTE_NOT_SEALED_ITSELF,
  /** A vote stands while its node follows again. */
  VOTE_NOT_WITHDRAWN,
  /** A primary that starts again waits for nobody at first. */
  NAMES_IGNORED_ON_RESTART,
  /** A primary that starts again waits for who is there, whoever may be elected. */
  NAMES_UNSAFE_ON_RESTART,
  /** The term is written without a look at who was first. */
  TERM_WITHOUT_COMPARE,
  /** The term is taken if the state is as seen, whatever became of the counted votes. */
  VOTES_NOT_COMPARED,
  /** A lease is taken again without a new version of the state. */
  RESUMED_WITHOUT_FENCE
}
