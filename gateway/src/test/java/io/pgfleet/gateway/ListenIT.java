package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.postgres.StopMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** LISTEN and NOTIFY in transaction mode, with clients on two loops that share two servers. */
final class ListenIT {
  private static AppServer first;
  private static AppServer second;
  private MovablePrimary primary;
  private Gateway gateway;

  @BeforeAll
  static void startServers() {
    first = AppServer.create();
    second = AppServer.create();
  }

  @AfterAll
  static void stopServers() {
    first.close();
    second.close();
  }

  @BeforeEach
  void start() throws Exception {
    primary = new MovablePrimary(first.primary(1));
    gateway = AppServer.gateway(settings -> settings.withPoolSize(2, 2), primary);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private RawClient client() throws Exception {
    return RawClient.login(gateway.address());
  }

  private static String notification(RawClient client) throws Exception {
    RawClient.Message message = client.read();
    while (message.type() == 'S') {
      message = client.read();
    }
    assertThat(message.type()).isEqualTo('A');
    return new String(message.body(), 4, message.body().length - 4, StandardCharsets.UTF_8)
        .replace('\0', '|');
  }

  /** Nothing came before the answer to this. */
  private static void hearsNothing(RawClient client) throws Exception {
    Thread.sleep(100);
    assertThat(client.query("SELECT 1")).containsExactly("T", "D:1", "C:SELECT 1", "ZI");
  }

  @Test
  void everyListenerHearsWhatIsCommittedAfterItsListenWasAnswered() throws Exception {
    List<RawClient> listeners = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      RawClient listener = client();
      assertThat(listener.query("LISTEN news")).containsExactly("C:LISTEN", "ZI");
      listeners.add(listener);
    }
    assertThat(gateway.status().pinned()).isEmpty();
    assertThat(gateway.status().clientsActive()).isZero();
    try (RawClient speaker = client()) {
      for (int i = 0; i < 20; i++) {
        speaker.query("NOTIFY news, 'number " + i + "'");
      }
    }
    for (RawClient listener : listeners) {
      for (int i = 0; i < 20; i++) {
        assertThat(notification(listener)).isEqualTo("news|number " + i + "|");
      }
      listener.close();
    }
    String counted =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgfleet listener'";
    while (!first.postgres().sql(counted).equals("1")) {
      Thread.sleep(20); // that of another test's gateway may still be leaving
    }
  }

  @Test
  void aClientHearsItself() throws Exception {
    try (RawClient client = client()) {
      client.query("LISTEN \"My Channel\"");
      client.query("SELECT pg_notify('My Channel', 'x')");
      assertThat(notification(client)).isEqualTo("My Channel|x|");
    }
  }

  @Test
  void theExtendedProtocolListensToo() throws Exception {
    try (RawClient client = client()) {
      client.send(
          RawClient.parse("", "LISTEN ext"),
          RawClient.bind(""),
          RawClient.message('D', "P\0"),
          RawClient.execute(),
          RawClient.sync());
      assertThat(client.untilReady(1)).containsExactly("1", "2", "n", "C:LISTEN", "ZI");
      client.send(
          RawClient.parse("named", "listen EXT2"),
          RawClient.bind("named"),
          RawClient.execute(),
          RawClient.sync());
      assertThat(client.untilReady(1)).containsExactly("1", "2", "C:LISTEN", "ZI");
      assertThat(gateway.status().pinned()).isEmpty();
      client.query("NOTIFY ext, 'a'");
      assertThat(notification(client)).isEqualTo("ext|a|");
      client.query("NOTIFY ext2, 'b'");
      assertThat(notification(client)).isEqualTo("ext2|b|");
      client.send(
          RawClient.parse("", "UNLISTEN ext"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.sync());
      assertThat(client.untilReady(1)).containsExactly("1", "2", "C:UNLISTEN", "ZI");
      client.query("NOTIFY ext, 'c'");
      hearsNothing(client);
    }
  }

  @Test
  void aListenWithinAPipelineCountsIfThePipelineDoes() throws Exception {
    try (RawClient client = client()) {
      client.send(
          RawClient.parse("", "BEGIN"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.parse("", "LISTEN piped"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.parse("", "COMMIT"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.sync());
      assertThat(client.untilReady(1))
          .containsExactly("1", "2", "C:BEGIN", "1", "2", "C:LISTEN", "1", "2", "C:COMMIT", "ZI");
      client.query("NOTIFY piped");
      assertThat(notification(client)).isEqualTo("piped||");
      client.send(
          RawClient.parse("", "LISTEN failed"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.parse("", "SELECT 1/0"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.sync());
      assertThat(client.untilReady(1)).endsWith("E:22012", "ZI");
      client.query("NOTIFY failed");
      hearsNothing(client);
      assertThat(gateway.status().pinned()).isEmpty();
    }
  }

  @Test
  void listeningBeginsAndEndsWithTheTransaction() throws Exception {
    try (RawClient client = client();
        RawClient speaker = client()) {
      client.query("BEGIN");
      assertThat(client.query("LISTEN t")).containsExactly("C:LISTEN", "ZT");
      speaker.query("NOTIFY t, 'before'");
      client.query("ROLLBACK");
      speaker.query("NOTIFY t, 'rolled back'");
      hearsNothing(client);
      client.query("BEGIN");
      client.query("LISTEN t");
      assertThat(client.query("COMMIT")).containsExactly("C:COMMIT", "ZI");
      speaker.query("NOTIFY t, 'committed'");
      assertThat(notification(client)).isEqualTo("t|committed|");
      client.query("BEGIN");
      client.query("UNLISTEN t");
      client.query("ROLLBACK");
      speaker.query("NOTIFY t, 'still'");
      assertThat(notification(client)).isEqualTo("t|still|");
      client.query("BEGIN; SELECT 1");
      speaker.query("NOTIFY t, 'later'");
      // not within a transaction, as with PostgreSQL
      Thread.sleep(100);
      assertThat(client.query("SELECT 2")).containsExactly("T", "D:2", "C:SELECT 1", "ZT");
      assertThat(client.query("COMMIT")).containsExactly("C:COMMIT", "ZI");
      assertThat(notification(client)).isEqualTo("t|later|");
      client.query("BEGIN");
      client.query("SELECT 1/0");
      assertThat(client.query("LISTEN u")).containsExactly("E:25P02", "ZE");
      client.query("COMMIT");
      speaker.query("NOTIFY u");
      hearsNothing(client);
      assertThat(gateway.status().pinned()).isEmpty();
    }
  }

  @Test
  void unlistenAllDiscardAllAndLeavingEndIt() throws Exception {
    try (RawClient client = client();
        RawClient speaker = client()) {
      client.query("LISTEN a; LISTEN b");
      speaker.query("NOTIFY b");
      assertThat(notification(client)).isEqualTo("b||");
      assertThat(client.query("UNLISTEN *")).containsExactly("C:UNLISTEN", "ZI");
      speaker.query("NOTIFY a; NOTIFY b");
      hearsNothing(client);
      client.query("LISTEN a");
      client.query("DISCARD ALL");
      speaker.query("NOTIFY a");
      hearsNothing(client);
      client.query("LISTEN a");
      client.query("SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL");
      speaker.query("NOTIFY a");
      hearsNothing(client);
    }
  }

  @Test
  void whatIsNotCertainPinsVisibly() throws Exception {
    try (RawClient client = client();
        RawClient speaker = client()) {
      client.query("SELECT 1; LISTEN mixed");
      assertThat(gateway.status().pinned())
          .extracting(GatewayStatus.PinnedClient::reason)
          .containsExactly("LISTEN");
      speaker.query("NOTIFY mixed, 'x'");
      assertThat(notification(client)).isEqualTo("mixed|x|");
      client.query("DISCARD ALL");
      assertThat(gateway.status().pinned()).isEmpty();
      client.query("BEGIN; SAVEPOINT s");
      client.query("LISTEN nested");
      client.query("COMMIT");
      assertThat(gateway.status().pinned()).hasSize(1);
    }
  }

  @Test
  void aNameThatIsNoneIsRefusedAsByTheServer() throws Exception {
    try (RawClient client = client()) {
      assertThat(client.query("LISTEN select")).containsExactly("E:42601", "ZI");
      assertThat(client.query("SELECT 1")).contains("D:1");
      assertThat(gateway.status().pinned()).isEmpty();
    }
  }

  @Test
  void listenersGoOnOnTheNewPrimaryAndAreWarned() throws Exception {
    try (RawClient listener = client();
        RawClient speaker = client()) {
      listener.query("LISTEN moved");
      primary.away();
      primary.move(second.primary(2));
      RawClient.Message warning = listener.read();
      assertThat(warning.type()).isEqualTo('N');
      assertThat(warning.report().message()).contains("may have been missed");
      // from the warning on nothing is missed
      speaker.query("NOTIFY moved, 'there'");
      assertThat(notification(listener)).isEqualTo("moved|there|");
    }
  }

  @Test
  void listenersOutliveALossOfTheirServer() throws Exception {
    AppServer mortal = AppServer.create();
    try {
      primary.move(mortal.primary(3));
      try (RawClient listener = client();
          RawClient speaker = client()) {
        listener.query("LISTEN lost");
        mortal.stop(StopMode.IMMEDIATE);
        mortal.start();
        assertThat(listener.read().type()).isEqualTo('N');
        speaker.query("NOTIFY lost, 'again'");
        assertThat(notification(listener)).isEqualTo("lost|again|");
      }
    } finally {
      mortal.close();
    }
  }

  @Test
  void aListenerThatNeverReadsIsClosedNotKept() throws Exception {
    try (RawClient slow = client();
        RawClient speaker = client()) {
      slow.query("LISTEN flood");
      slow.query("BEGIN; SELECT 1");
      String payload = "x".repeat(7000);
      for (int i = 0; i < 300; i++) {
        speaker.send(Messages.query("NOTIFY flood, '" + i + payload + "'"));
        speaker.untilReady(1);
      }
      assertThat(slow.read().report().sqlState()).isEqualTo("53400");
      assertThat(slow.atEnd()).isTrue();
    }
  }
}
