package io.pgfleet.bench.carddb;

import java.time.Duration;

/**
 * How one client of a run fared.
 *
 * @param acknowledged writes
 * @param retried operations that were asked for a second time
 * @param givenUp of those, which failed again
 * @param reconnects how often its connection was gone
 * @param silence from its last acknowledged write to the end of the run
 */
public record ClientReport(
    int client, int acknowledged, int retried, int givenUp, int reconnects, Duration silence) {}
