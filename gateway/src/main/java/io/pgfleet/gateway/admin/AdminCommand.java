package io.pgfleet.gateway.admin;

import java.time.Duration;
import java.util.Optional;

/** A command of the admin database. */
public sealed interface AdminCommand {
  /** What a command does to the gateway. */
  enum Verb {
    PAUSE,
    RESUME,
    DISABLE,
    ENABLE,
    RECONNECT,
    KILL,
    KILL_CLIENT,
    SUSPEND,
    SHUTDOWN,
    RELOAD,
    WAIT_CLOSE
  }

  /** Gives a table. */
  record Table(Show show) implements AdminCommand {}

  /** Gives one value that drivers ask PostgreSQL for. */
  record Value(String name, String value) implements AdminCommand {}

  /** Changes a setting. */
  record Set(String key, String value) implements AdminCommand {}

  /** Does something to a database, a client, or all; the argument is as it was written. */
  record Act(Verb verb, Optional<String> argument) implements AdminCommand {}

  /** Begins to trace a client, or ends it if {@code every} is 0. */
  record TraceClient(long client, int every, Duration length) implements AdminCommand {}

  /**
   * What drivers say as a matter of course, and what has no effect here.
   *
   * @param tag to answer with
   */
  record Courtesy(String tag) implements AdminCommand {}

  /** Nothing was asked. */
  record Empty() implements AdminCommand {}
}
