package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServerException;
import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.agent.server.LocalSession.SilentException;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.postgres.install.InstalledPrograms;
import io.pgfleet.wire.client.Row;
import java.time.Duration;
import java.util.Optional;

/**
 * Asks a server that answers what it runs with, once for each of its processes and then now and
 * then. Used by the agent's thread, so it takes one short question and waits for no program.
 */
final class RunningInquiry {
  private static final long EVERY_NANOS = Duration.ofSeconds(5).toNanos();

  private static final String QUESTION =
      """
      select split_part(current_setting('server_version'), ' ', 1) as version,
             exists (select from pg_settings where pending_restart) as pending
      """;

  private final LocalSession session;
  private final InstalledPrograms programs;
  private final Ticker ticker;
  private Optional<Member.Running> last = Optional.empty();
  private long askedPid;
  private long askedAt;

  RunningInquiry(LocalSession session, Installation installation, Ticker ticker) {
    this.session = session;
    this.programs = new InstalledPrograms(installation);
    this.ticker = ticker;
  }

  /** What the server of a process runs with, as far as is known; empty unless it answers. */
  Optional<Member.Running> of(LocalServer here, long pid) {
    boolean answers =
        switch (here) {
          case LocalServer.Primary _, LocalServer.Standby _ -> true;
          case LocalServer.Absent _, LocalServer.Stopped _, LocalServer.Silent _ -> false;
        };
    if (!answers) {
      return Optional.empty();
    }
    long now = ticker.nanos();
    if (pid != askedPid || now - askedAt >= EVERY_NANOS) {
      if (pid != askedPid) {
        last = Optional.empty();
      }
      askedPid = pid;
      askedAt = now;
      ask().ifPresent(said -> last = Optional.of(said));
    }
    return last;
  }

  private Optional<Member.Running> ask() {
    try {
      Row row = session.ask(QUESTION).getLast().onlyRow();
      return Optional.of(
          new Member.Running(
              row.required("version"), programs.version(), row.required("pending").equals("t")));
    } catch (SilentException | NodeServerException e) {
      // The next look at the server tells what that means.
      return Optional.empty();
    }
  }
}
