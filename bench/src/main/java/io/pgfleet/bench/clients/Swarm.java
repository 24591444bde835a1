package io.pgfleet.bench.clients;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.client.ClientKeys;
import io.pgfleet.bench.client.Questions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * Many clients on one thread, none of which waits for another. Each asks one statement as soon as
 * it is logged in: it counts as served once that is answered.
 */
final class Swarm implements AutoCloseable {
  private static final byte[] QUESTION = Questions.query("SELECT 1");
  private static final int BUFFER = 1 << 16;
  private static final double NANOS = 1e9;
  private static final long TURN_MILLIS = 1;

  private final InetSocketAddress address;
  private final ClientKeys keys;
  private final Selector selector;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
  private final List<SocketChannel> open = new ArrayList<>();
  private final ArrayDeque<SwarmClient> idle = new ArrayDeque<>();
  private final Map<String, Integer> errors = new TreeMap<>();
  private final Histogram connecting = histogram();
  private final Histogram answering = histogram();
  private int served;
  private int begun;

  /** Whether each answer makes another client ask. */
  private boolean active;

  private Swarm(int port, ClientKeys keys, Selector selector) {
    this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    this.keys = keys;
    this.selector = selector;
  }

  /** A swarm of nobody yet, for a port of 127.0.0.1. */
  static Swarm against(int port, ClientKeys keys) {
    try {
      return new Swarm(port, keys, Selector.open());
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Microseconds up to ten minutes, to three digits. */
  private static Histogram histogram() {
    return new Histogram(Duration.ofMinutes(10).toNanos() / 1000, 3);
  }

  /**
   * Opens clients, and waits until each is served or has failed.
   *
   * @param perSecond how many are begun in a second
   * @param patience after the last one was begun
   * @return the seconds from the first to the end
   */
  double open(int count, int perSecond, Duration patience) {
    try {
      long began = System.nanoTime();
      long lastBegun = began;
      int failedBefore = failed();
      begun = 0;
      served = 0;
      while (served + failed() - failedBefore < count) {
        long now = System.nanoTime();
        double due = Math.min(count, 1 + (now - began) / NANOS * perSecond);
        while (begun < due) {
          begin(System.nanoTime());
          lastBegun = now;
        }
        if (now - lastBegun > patience.toNanos()) {
          note("no answer within " + patience.toSeconds() + " s", count - served - failed());
          break;
        }
        turn();
      }
      return (System.nanoTime() - began) / NANOS;
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private void begin(long now) throws IOException {
    begun++;
    SocketChannel channel = SocketChannel.open();
    open.add(channel);
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    SwarmClient client = new SwarmClient(channel, keys, now);
    SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT, client);
    try {
      if (channel.connect(address)) {
        key.interestOps(SelectionKey.OP_READ);
        client.connected();
      }
    } catch (IOException e) {
      failed(key, "connect: " + e.getMessage());
    }
  }

  /**
   * Keeps so many statements under way for a while; whoever has waited longest asks next, so that
   * all take part.
   *
   * @return statements answered a second
   */
  double active(int inFlight, Duration time) {
    try {
      answering.reset();
      active = true;
      long began = System.nanoTime();
      for (int i = 0; i < inFlight && !idle.isEmpty(); i++) {
        ask(idle.poll(), System.nanoTime());
      }
      while (System.nanoTime() - began < time.toNanos()) {
        turn();
      }
      double rate = answering.getTotalCount() / ((System.nanoTime() - began) / NANOS);
      drain(inFlight);
      return rate;
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Lets what is under way end, so that nothing of it is asked anew. */
  private void drain(int inFlight) throws IOException {
    active = false;
    long began = System.nanoTime();
    int before = idle.size();
    while (idle.size() < before + inFlight
        && idle.size() + failed() < begun
        && System.nanoTime() - began < Duration.ofSeconds(10).toNanos()) {
      turn();
    }
  }

  private void ask(SwarmClient client, long now) throws IOException {
    try {
      client.ask(QUESTION, now);
    } catch (IOException e) {
      failed(client.channel.keyFor(selector), "ask: " + e.getMessage());
    }
  }

  private void turn() throws IOException {
    selector.select(TURN_MILLIS);
    for (SelectionKey key : selector.selectedKeys()) {
      SwarmClient client = (SwarmClient) key.attachment();
      try {
        if (key.isConnectable()) {
          client.channel.finishConnect();
          key.interestOps(SelectionKey.OP_READ);
          client.connected();
        } else if (key.isReadable()) {
          read(client);
        }
      } catch (IOException e) {
        failed(key, e.getMessage() == null ? e.toString() : e.getMessage());
      } catch (BenchException e) {
        failed(key, String.valueOf(e.getMessage()));
      }
    }
    selector.selectedKeys().clear();
  }

  private void read(SwarmClient client) throws IOException {
    buffer.clear();
    if (client.channel.read(buffer) < 0) {
      throw new IOException("the peer closed the connection");
    }
    boolean loggedIn = client.phase() != SwarmClient.Phase.LOGGING_IN;
    if (!client.take(buffer.flip())) {
      return;
    }
    long now = System.nanoTime();
    if (!loggedIn) {
      connecting.recordValue((now - client.opened) / 1000);
      ask(client, now);
      return;
    }
    if (!active) {
      served++;
      idle.add(client);
      return;
    }
    answering.recordValue((now - client.asked()) / 1000);
    idle.add(client);
    SwarmClient next = idle.poll();
    if (next != null) {
      ask(next, now);
    }
  }

  private void failed(SelectionKey key, String why) throws IOException {
    key.cancel();
    key.channel().close();
    note(why, 1);
  }

  private void note(String why, int count) {
    errors.merge(why, count, Integer::sum);
  }

  /** Clients that have failed, over all. */
  int failed() {
    return errors.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Clients of the last {@link #open} whose first statement was answered. */
  int served() {
    return served;
  }

  /** Why clients failed, and how many for each reason. */
  Map<String, Integer> errors() {
    return Map.copyOf(errors);
  }

  /** From beginning to connect to the end of the login, in microseconds. */
  Histogram connecting() {
    return connecting;
  }

  /** From asking to the end of the answer in the active part, in microseconds. */
  Histogram answering() {
    return answering;
  }

  private static BenchException broken(IOException e) {
    return new BenchException(
        "the swarm of clients broke down: " + e.getMessage(),
        "see that the limit of open files allows it (ulimit -n)");
  }

  @Override
  public void close() {
    try {
      for (SocketChannel channel : open) {
        channel.close();
      }
      selector.close();
    } catch (IOException e) {
      throw broken(e);
    }
  }
}
