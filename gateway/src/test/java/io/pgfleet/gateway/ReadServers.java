package io.pgfleet.gateway;

import io.pgfleet.gateway.topology.Standby;
import io.pgfleet.testkit.TestPostgres;
import java.util.Map;

/** A primary with two standbys that stream from it. */
final class ReadServers implements AutoCloseable {
  final AppServer primary;
  final TestPostgres one;
  final TestPostgres two;

  private ReadServers(AppServer primary, TestPostgres one, TestPostgres two) {
    this.primary = primary;
    this.one = one;
    this.two = two;
  }

  /** Servers with settings of their own; those of the standbys are the primary's as well. */
  static ReadServers create(Map<String, String> settings) {
    AppServer primary = AppServer.create(settings);
    TestPostgres one = primary.postgres().standby("one");
    TestPostgres two = primary.postgres().standby("two");
    return new ReadServers(primary, one, two);
  }

  static Standby standby(TestPostgres server, String name) {
    return new Standby(name, server.host(), server.port(), "local");
  }

  MovablePrimary topology() {
    return new MovablePrimary(primary.primary(1), standby(one, "one"), standby(two, "two"));
  }

  /** Waits until both have replayed all there is. */
  void caughtUp() throws InterruptedException {
    String position = primary.postgres().sql("SELECT pg_current_wal_lsn()");
    for (TestPostgres standby : new TestPostgres[] {one, two}) {
      while (!"t"
          .equals(standby.sql("SELECT pg_last_wal_replay_lsn() >= '" + position + "'::pg_lsn"))) {
        Thread.sleep(20);
      }
    }
  }

  @Override
  public void close() {
    two.close();
    one.close();
    primary.close();
  }
}
