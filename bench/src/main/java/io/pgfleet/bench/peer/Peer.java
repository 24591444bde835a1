package io.pgfleet.bench.peer;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A way to the server that is there now.
 *
 * @param name with its version, for tables
 * @param port on 127.0.0.1
 * @param processes those in between; none if there is nothing in between
 * @param prepared whether statements prepared by clients work on it
 * @param tls whether clients may ask for TLS
 */
public record Peer(
    PeerKind kind,
    String name,
    int port,
    List<ProcessUse> processes,
    boolean prepared,
    boolean tls) {
  public Peer {
    processes = List.copyOf(processes);
  }

  /** Processor time of all that is in between; nothing if that can't be told. */
  public Optional<Duration> processor() {
    return processes.isEmpty()
        ? Optional.empty()
        : processes.stream()
            .map(ProcessUse::processor)
            .reduce(Optional.of(Duration.ZERO), (sum, one) -> sum.flatMap(a -> one.map(a::plus)));
  }

  /** Resident memory of all that is in between, in bytes. */
  public OptionalLong memory() {
    long sum = processes.stream().mapToLong(process -> process.memory().orElse(0)).sum();
    return sum == 0 ? OptionalLong.empty() : OptionalLong.of(sum);
  }
}
