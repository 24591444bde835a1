package io.pgfleet.bench.gateway;

import io.pgfleet.bench.client.BlockingClient;
import io.pgfleet.bench.client.ClientKeys;
import io.pgfleet.bench.figures.Figure;
import io.pgfleet.bench.peer.Peer;
import io.pgfleet.bench.peer.PeerKind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** One client that moves 100 MB at a time, and does nothing with them. */
record TransferLoad(Kind kind, ClientKeys keys, int serverPort) implements Load {
  private static final double MEGABYTE = 1e6;
  private static final double GIGABYTE = 1e9;
  private static final double NANOS = 1e9;

  /** Lines of 100 bytes, as a COPY of a narrow table has; 8 kB a message, as psql sends them. */
  private static final byte[] LINES =
      ("x".repeat(99) + "\n").repeat(80).getBytes(StandardCharsets.US_ASCII);

  private static final int MESSAGES = 12_500;

  /** Which way, and as what. */
  enum Kind {
    RESULT("large-result", "large results: 100 MB in rows of 1 kB, one client"),
    COPY_OUT("copy-out", "COPY TO STDOUT: 100 MB in lines of 100 bytes, one client"),
    COPY_IN("copy-in", "COPY FROM STDIN: 100 MB in messages of 8 kB, one client");

    private final String id;
    private final String title;

    Kind(String id, String title) {
      this.id = id;
      this.title = title;
    }
  }

  @Override
  public String id() {
    return kind.id;
  }

  @Override
  public String title() {
    return kind.title;
  }

  @Override
  public Optional<String> refused(Peer peer) {
    return Optional.empty();
  }

  /** The table that COPY fills. */
  static void prepare(ClientKeys keys, int serverPort) {
    try (BlockingClient client = BlockingClient.open(serverPort, keys)) {
      client.ask("CREATE UNLOGGED TABLE IF NOT EXISTS bench_copy (line text)");
    }
  }

  @Override
  public Done run(Peer peer, Duration time) {
    long bytes = 0;
    double seconds = 0;
    try (BlockingClient client = BlockingClient.open(peer.port(), keysFor(peer))) {
      do {
        long began = System.nanoTime();
        bytes += once(client);
        seconds += (System.nanoTime() - began) / NANOS;
        afterwards();
      } while (seconds < time.toSeconds());
    }
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    figures.put(Figure.MEGABYTES, bytes / MEGABYTE / seconds);
    return new Done(figures, bytes, Figure.CPU_GB, GIGABYTE);
  }

  private ClientKeys keysFor(Peer peer) {
    return peer.kind() == PeerKind.PGPOOL ? ClientKeys.neverKept(keys.target()) : keys;
  }

  private long once(BlockingClient client) {
    return switch (kind) {
      case RESULT -> client.ask("SELECT repeat('x', 1000) FROM generate_series(1, 100000)");
      case COPY_OUT ->
          client.ask("COPY (SELECT repeat('x', 99) FROM generate_series(1, 1000000)) TO STDOUT");
      case COPY_IN -> {
        client.copyIn("COPY bench_copy FROM STDIN", LINES, MESSAGES);
        yield (long) LINES.length * MESSAGES;
      }
    };
  }

  /** Every copy finds the table empty. Straight to the server, so that no peer pays for it. */
  private void afterwards() {
    if (kind == Kind.COPY_IN) {
      try (BlockingClient client = BlockingClient.open(serverPort, keys)) {
        client.ask("TRUNCATE bench_copy");
      }
    }
  }
}
