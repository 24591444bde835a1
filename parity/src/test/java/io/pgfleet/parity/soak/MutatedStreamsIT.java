package io.pgfleet.parity.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.Gateway;
import io.pgfleet.gateway.PoolMode;
import io.pgfleet.parity.GatewayServer;
import io.pgfleet.testkit.TestInstallations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Streams of bytes that no client should send, with a real server behind the gateway: random ones,
 * and good conversations with something wrong in them.
 */
final class MutatedStreamsIT {
  private static final int ROUNDS = 3000;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** {@code -Dseed=N} plays a run again. */
  @ParameterizedTest
  @EnumSource(PoolMode.class)
  void noStreamBreaksTheGatewayOrHoldsUpOthers(PoolMode mode) throws Exception {
    long seed = Long.getLong("seed", System.nanoTime() & 0xFFFFF);
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (ErrorOutput log = new ErrorOutput();
        GatewayServer server =
            GatewayServer.start(TestInstallations.embedded(), Map.of("fsync", "off"))) {
      server.addUser(Soak.USER, "");
      try (Gateway gateway =
          server.gateway(settings -> settings.withPoolMode(mode).withPoolSize(4, 2))) {
        AtomicBoolean done = new AtomicBoolean();
        Bystander bystander = new Bystander(gateway, done);
        Thread beside = Thread.ofVirtual().start(bystander);
        int rounds = 0;
        while (rounds < ROUNDS && bystander.failure.isEmpty()) {
          disturb(gateway, random, rounds++);
        }
        done.set(true);
        assertThat(beside.join(PATIENCE)).as("a client beside goes on").isTrue();
        assertThat(bystander.failure).as("seed %d, round %d", seed, rounds).isEmpty();
        assertThat(bystander.served.get()).as("served beside").isGreaterThan(20);
        assertThat(log.exceptions()).as("seed %d", seed).isEmpty();
        // the pool is whole: as many clients as it has servers are served at once
        String begun = mode == PoolMode.STATEMENT ? "I" : "T";
        String begin = mode == PoolMode.STATEMENT ? "SELECT pg_sleep(1)" : "BEGIN";
        List<RawConnection> last = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          RawConnection client = RawConnection.login(gateway.address(), Soak.USER, "last");
          last.add(client);
          client.send(Requests.query(begin));
        }
        for (RawConnection client : last) {
          assertThat(answered(client, gateway)).as("seed %d", seed).isEqualTo(begun);
        }
        for (RawConnection client : last) {
          client.close();
        }
        awaitNoClients(gateway);
      }
    }
  }

  private static String answered(RawConnection client, Gateway gateway) {
    try {
      return client.untilReady(1).getLast().text();
    } catch (IOException e) {
      return e + ", while the gateway says: " + gateway.status();
    }
  }

  private static void awaitNoClients(Gateway gateway) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (gateway.status().clients() > 0 && System.nanoTime() < end) {
      Thread.sleep(20);
    }
    assertThat(gateway.status().clients()).isZero();
    assertThat(gateway.status().clientsActive()).isZero();
    assertThat(gateway.status().heldBytes()).isZero();
  }

  /** A client that does all right, all the time. */
  private static final class Bystander implements Runnable {
    private final Gateway gateway;
    private final AtomicBoolean done;
    private volatile String failure = "";
    private final AtomicInteger served = new AtomicInteger();

    Bystander(Gateway gateway, AtomicBoolean done) {
      this.gateway = gateway;
      this.done = done;
    }

    @Override
    public void run() {
      try (RawConnection client = RawConnection.login(gateway.address(), Soak.USER, "beside")) {
        while (!done.get()) {
          String wanted = "served " + served.get();
          client.send(Requests.query("SELECT '" + wanted + "'"));
          List<Answer> answers = client.untilReady(1);
          if (answers.stream().noneMatch(answer -> answer.text().equals(wanted))) {
            failure = wanted + " but " + answers;
            return;
          }
          served.incrementAndGet();
          Thread.sleep(5);
        }
      } catch (IOException | InterruptedException | RuntimeException e) {
        failure = e.toString();
      }
    }
  }

  private static void disturb(Gateway gateway, Random random, int round) throws IOException {
    boolean loggedIn = round % 4 != 0;
    RawConnection client =
        loggedIn
            ? RawConnection.login(gateway.address(), Soak.USER, "mutant")
            : RawConnection.plain(gateway.address());
    try {
      byte[] stream = loggedIn ? conversation(random) : opening(random);
      if (random.nextInt(10) > 0) {
        stream = mutated(stream, random);
      }
      int cut = stream.length == 0 ? 0 : random.nextInt(stream.length);
      client.send(java.util.Arrays.copyOf(stream, cut));
      client.send(java.util.Arrays.copyOfRange(stream, cut, stream.length));
    } catch (IOException expected) {
      // the gateway has had enough of it
    } finally {
      client.abandon(random.nextInt(3) == 0);
    }
  }

  private static byte[] opening(Random random) {
    return random.nextBoolean()
        ? RawConnection.startup(Soak.USER, "mutant")
        : ByteBuffer.allocate(8).putInt(8).putInt(80877103 + random.nextInt(2)).array();
  }

  private static byte[] conversation(Random random) {
    List<byte[]> good =
        List.of(
            Requests.parse("m" + random.nextInt(3), "SELECT $1::text"),
            Requests.parse("", "SELECT $1"),
            Requests.bind("m" + random.nextInt(3), "value"),
            Requests.bind("", "value"),
            Requests.describe("m1"),
            Requests.execute(random.nextInt(3)),
            Requests.close("m" + random.nextInt(3)),
            Requests.flush(),
            Requests.sync(),
            Requests.query("SELECT 1; SELECT 1/0"),
            Requests.query("BEGIN"),
            Requests.query("DEALLOCATE m1"),
            Requests.parse("", "DEALLOCATE m1"),
            Requests.query("SET TimeZone = 'UTC'; SELECT repeat('x', 100000)"),
            Requests.query("COPY (SELECT 1) TO STDOUT"),
            Requests.query("CREATE TEMP TABLE IF NOT EXISTS m (n int); COPY m FROM STDIN"),
            Requests.copyData("1\n"),
            Requests.copyDone(),
            Requests.copyFail(),
            Requests.query("DISCARD ALL"));
    var stream = new ByteArrayOutputStream();
    for (int i = 1 + random.nextInt(12); i > 0; i--) {
      stream.writeBytes(good.get(random.nextInt(good.size())));
    }
    return stream.toByteArray();
  }

  private static byte[] mutated(byte[] good, Random random) {
    byte[] bytes = good.clone();
    for (int i = 1 + random.nextInt(4); i > 0 && bytes.length > 5; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes = java.util.Arrays.copyOf(bytes, at + 1);
        case 3 -> bytes[at] = 0;
        case 4 ->
            ByteBuffer.wrap(bytes)
                .putInt(Math.min(at, bytes.length - 4), random.nextInt(1 << random.nextInt(1, 31)));
        default -> {
          byte[] noise = new byte[random.nextInt(64)];
          random.nextBytes(noise);
          bytes =
              ByteBuffer.allocate(bytes.length + noise.length)
                  .put(bytes, 0, at)
                  .put(noise)
                  .put(bytes, at, bytes.length - at)
                  .array();
        }
      }
    }
    return bytes;
  }

  /** A client that the gateway ends for what it sent is told so, and why. */
  @Test
  void aMessageOutsideTheProtocolIsToldBeforeTheEnd() throws Exception {
    try (GatewayServer server =
        GatewayServer.start(TestInstallations.embedded(), Map.of("fsync", "off"))) {
      server.addUser(Soak.USER, "");
      try (Gateway gateway = server.gateway(settings -> settings);
          RawConnection client = RawConnection.login(gateway.address(), Soak.USER, "mutant")) {
        client.send(new byte[] {'?', 0, 0, 0, 4});
        assertThat(org.assertj.core.api.Assertions.catchThrowable(client::read))
            .isInstanceOfSatisfying(
                RawConnection.RefusedException.class,
                refused -> assertThat(refused.sqlState()).isEqualTo("08P01"));
      }
    }
  }
}
