package io.pgfleet.bench.backup;

import java.time.Duration;

/**
 * What a program has taken so far, or in all.
 *
 * @param time on the clock
 * @param processor user and system time, of its children too
 * @param peak the most memory at once, in bytes
 */
record Cost(Duration time, Duration processor, long peak) {}
