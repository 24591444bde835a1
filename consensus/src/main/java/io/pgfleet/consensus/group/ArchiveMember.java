package io.pgfleet.consensus.group;

import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.time.Instant;
import java.util.Optional;

/**
 * What the program that archives a group's WAL into a repository says of it.
 *
 * @param repository its name in fleet.yaml
 * @param node whose server's WAL it is
 * @param timeline of that WAL; 0 before anything was put
 * @param end all WAL before it is in the repository
 * @param confirmed when that was so last; empty before
 * @param trouble what keeps WAL, or base backups, from the repository; empty if nothing does
 * @param newest when the newest whole base backup ended; empty if there is none
 * @param drilled when the newest drill ended; empty if there was none
 * @param failure why that drill failed; empty if it passed
 */
public record ArchiveMember(
    String repository,
    NodeName node,
    int timeline,
    Lsn end,
    Optional<Instant> confirmed,
    Optional<String> trouble,
    Optional<Instant> newest,
    Optional<Instant> drilled,
    Optional<String> failure) {}
