package io.pgfleet.agent.server;

import io.pgfleet.wire.Lsn;
import java.util.Optional;

/**
 * What a running server says of itself.
 *
 * @param inRecovery whether it is a standby
 * @param startedAt when its postmaster began, as PostgreSQL writes it
 * @param versionNumber {@code server_version_num}, such as 180001
 * @param timeline the timeline it writes, or receives
 * @param written the end of a primary's WAL; empty for a standby
 * @param received the end of what a standby has received; empty if it has received nothing
 * @param replayed the end of what a standby has replayed
 * @param upstreamEnd the end of WAL that its upstream last told of
 * @param replayPaused whether somebody has paused replay
 * @param receiver the state of its WAL receiver, such as streaming; empty if there is none
 */
public record ServerFacts(
    boolean inRecovery,
    String startedAt,
    int versionNumber,
    int timeline,
    Optional<Lsn> written,
    Optional<Lsn> received,
    Optional<Lsn> replayed,
    Optional<Lsn> upstreamEnd,
    boolean replayPaused,
    Optional<String> receiver) {}
