package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.pgfleet.gateway.observe.ObserveSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the gateway writes down of slow statements and of connections. */
final class SlowLogIT {
  private static final ListAppender<ILoggingEvent> LINES = new ListAppender<>();

  private static AppServer server;
  private static Gateway gateway;

  @BeforeAll
  static void start() throws Exception {
    ((Logger) LoggerFactory.getLogger("pgfleet")).addAppender(LINES);
    LINES.start();
    server = AppServer.create();
    gateway = server.gateway(settings -> settings);
    gateway.observe(
        ObserveSettings.NONE
            .withSlowQuery(Optional.of(Duration.ofMillis(150)))
            .withConnections(true));
  }

  @AfterAll
  static void stop() {
    if (gateway != null) {
      gateway.close();
    }
    if (server != null) {
      server.close();
    }
    ((Logger) LoggerFactory.getLogger("pgfleet")).detachAppender(LINES);
  }

  private static Connection connect(String options) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + gateway.address().getPort() + "/app?" + options,
        "app",
        "app");
  }

  private static List<String> lines() {
    synchronized (LINES) { // as its own doAppend is
      return LINES.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
  }

  private static String await(Predicate<String> wanted) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (System.nanoTime() < end) {
      for (String line : lines()) {
        if (wanted.test(line)) {
          return line;
        }
      }
      Thread.sleep(20);
    }
    throw new AssertionError("no such line in " + lines());
  }

  @Test
  void slowStatementsOfBothProtocolsAreToldWithoutTheirValues() throws Exception {
    try (Connection simple = connect("preferQueryMode=simple");
        Statement statement = simple.createStatement()) {
      statement.execute("SELECT pg_sleep(0.2), 'first secret', 1 /* secret */");
    }
    String line = await(text -> text.contains("pg_sleep($1), $2, $3"));
    assertThat(line)
        .startsWith("slow statement duration=0.")
        .contains("route=primary rows=1 client=")
        .contains("database=\"app\" user=\"app\" address=");
    try (Connection extended = connect("prepareThreshold=1");
        PreparedStatement statement =
            extended.prepareStatement("SELECT pg_sleep(?), 'second secret'")) {
      statement.setDouble(1, 0.01);
      statement.execute();
      statement.setDouble(1, 0.2);
      statement.execute();
    }
    await(text -> text.contains("statement=\"SELECT pg_sleep($1), $2\""));
    assertThat(lines()).noneMatch(text -> text.contains("secret"));
  }

  @Test
  void aTransactionThatIdlesIsSlowThoughItsStatementsAreNot() throws Exception {
    try (Connection client = connect("");
        Statement statement = client.createStatement()) {
      client.setAutoCommit(false);
      statement.execute("SELECT 4711");
      Thread.sleep(500);
      client.commit();
    }
    String line = await(text -> text.startsWith("slow transaction") && text.contains("requests=3"));
    assertThat(line).containsPattern("busy=0\\.[0-3]").doesNotContain("4711");
  }

  @Test
  void connectsAndDisconnectsSayWhoAndWhy() throws Exception {
    try (Connection client = connect("assumeMinServerVersion=9.0&ApplicationName=teller")) {
      assertThat(client.isValid(5)).isTrue();
    }
    String line = await(text -> text.startsWith("connected") && text.contains("teller"));
    String client = line.replaceFirst(".*(client=\\d+) .*", "$1 ");
    assertThat(await(text -> text.startsWith("disconnected") && text.contains(client)))
        .contains("reason=\"the client said Terminate\"")
        .contains("after=");
  }
}
