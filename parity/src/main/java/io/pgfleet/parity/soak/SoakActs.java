package io.pgfleet.parity.soak;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What a client does: each act is whole, ends outside a transaction, and knows what must come. */
final class SoakActs {
  private static final int LARGE = 400_000;

  private final SoakClient client;
  private final Random random;
  private String zone = "";
  private boolean named;
  private int version;

  SoakActs(SoakClient client, Random random) {
    this.client = client;
    this.random = random;
  }

  void connected() {
    zone = "";
    named = true;
  }

  private interface Act {
    void on(RawConnection connection) throws IOException, InterruptedException;
  }

  private final List<Act> all =
      List.of(
          this::simple,
          this::parameters,
          this::parameters,
          this::prepared,
          this::prepared,
          this::unnamed,
          this::pipeline,
          this::transaction,
          this::transaction,
          this::copyIn,
          this::copyOut,
          this::large,
          this::temporary,
          this::notified,
          this::portal,
          this::cancelled,
          this::cancelledInVain);

  void one(RawConnection connection) throws IOException, InterruptedException {
    all.get(random.nextInt(all.size())).on(connection);
  }

  private String own(String what) {
    return client.mark() + what + random.nextInt(1_000_000_000);
  }

  private List<Answer> query(RawConnection connection, String sql) throws IOException {
    connection.send(Requests.query(sql));
    return connection.untilReady(1);
  }

  private static List<String> rows(List<Answer> answers) {
    return answers.stream().filter(answer -> answer.type() == 'D').map(Answer::text).toList();
  }

  private static boolean failed(List<Answer> answers) {
    return answers.stream().anyMatch(Answer::isError);
  }

  /** Ends what a disturbance may have left open. */
  private void tidy(RawConnection connection) throws IOException {
    List<Answer> answers = query(connection, "ROLLBACK");
    if (client.undisturbed(answers, "ROLLBACK")) {
      client.expect(answers.getLast().text().equals("I"), "no transaction is open", answers);
    }
  }

  private void simple(RawConnection connection) throws IOException {
    String value = own("simple");
    List<Answer> answers = query(connection, "SELECT '" + value + "'; SELECT '" + value + "2'");
    if (client.undisturbed(answers, "simple")) {
      client.expect(rows(answers).equals(List.of(value, value + "2")), value, answers);
    }
  }

  private void parameters(RawConnection connection) throws IOException {
    if (random.nextInt(4) == 0) {
      String next = "UTC-" + (1 + client.number() % 13) + ":" + (10 + random.nextInt(49));
      List<Answer> answers = query(connection, "SET TimeZone = '" + next + "'");
      if (client.undisturbed(answers, "SET") && !failed(answers)) {
        zone = next;
      } else {
        zone = "";
      }
      return;
    }
    connection.send(Requests.query("SHOW application_name"), Requests.query("SHOW TimeZone"));
    List<Answer> answers = connection.untilReady(2);
    if (client.undisturbed(answers, "SHOW")) {
      List<String> shown = rows(answers);
      client.expect(
          !named || shown.getFirst().equals(client.mark() + "app"), "its own name", answers);
      if (!zone.isEmpty()) {
        String standard = connection.parameters.getOrDefault("TimeZone", "");
        client.expect(
            shown.getLast().equals(standard) && standard.contains(zone.substring(4)),
            "its time zone " + zone,
            shown + " and reported " + standard);
      }
    }
  }

  /** Names that all clients use, for texts that differ. */
  private void prepared(RawConnection connection) throws IOException {
    String name = "s" + random.nextInt(4);
    Integer known = client.statements.get(name);
    if (known == null) {
      int mine = ++version;
      connection.send(
          Requests.close(name),
          Requests.parse(name, "SELECT '" + client.mark() + "v" + mine + "/' || $1"),
          Requests.describe(name),
          Requests.sync());
      List<Answer> answers = connection.untilReady(1);
      if (client.undisturbed(answers, "Parse")) {
        client.expect(!failed(answers), "prepared", answers);
        client.statements.put(name, mine);
      }
      return;
    }
    String value = own("bound");
    connection.send(Requests.bind(name, value), Requests.execute(0), Requests.sync());
    List<Answer> answers = connection.untilReady(1);
    if (client.undisturbed(answers, "a prepared statement")) {
      String wanted = client.mark() + "v" + known + "/" + value;
      client.expect(rows(answers).equals(List.of(wanted)), wanted, answers);
    }
    if (random.nextInt(3) == 0) {
      client.statements.remove(name);
    }
  }

  /** The unnamed statement, used in a later segment than that which prepared it. */
  private void unnamed(RawConnection connection) throws IOException {
    String value = own("unnamed");
    connection.send(Requests.parse("", "SELECT $1 || '" + client.mark() + "'"), Requests.sync());
    List<Answer> parsed = connection.untilReady(1);
    connection.send(Requests.bind("", value), Requests.execute(0), Requests.sync());
    List<Answer> answers = connection.untilReady(1);
    if (client.undisturbed(parsed, "Parse") && client.undisturbed(answers, "unnamed")) {
      client.expect(rows(answers).equals(List.of(value + client.mark())), value, answers);
    }
  }

  /** Several Syncs in flight, some of the segments with an error. */
  private void pipeline(RawConnection connection) throws IOException {
    int segments = 1 + random.nextInt(8);
    List<byte[]> messages = new ArrayList<>();
    List<String> wanted = new ArrayList<>();
    for (int i = 0; i < segments; i++) {
      String value = own("piped");
      boolean bad = random.nextInt(4) == 0;
      messages.add(Requests.parse("", bad ? "SELECT 1/0" : "SELECT $1::text"));
      if (!bad) {
        messages.add(Requests.bind("", value));
        messages.add(Requests.execute(0));
        wanted.add(value);
      }
      messages.add(Requests.parse("", bad ? "SELEKT" : "SELECT $1::text"));
      if (random.nextInt(3) == 0) {
        messages.add(Requests.flush());
      }
      messages.add(Requests.sync());
    }
    connection.send(messages.toArray(byte[][]::new));
    List<Answer> answers = connection.untilReady(segments);
    if (client.undisturbed(answers, "a pipeline")) {
      client.expect(rows(answers).equals(wanted), "" + wanted, answers);
    }
  }

  private void transaction(RawConnection connection) throws IOException {
    String value = own("row");
    List<Answer> answers = new ArrayList<>(query(connection, "BEGIN"));
    if (!answers.getLast().text().equals("T")) {
      // a late cancel took it: what follows would be no transaction
      client.expect(!client.undisturbed(answers, "BEGIN"), "a transaction", answers);
      tidy(connection);
      return;
    }
    String insert =
        "INSERT INTO soaked VALUES (" + client.number() + ", '" + value + "') RETURNING text";
    answers.addAll(query(connection, insert));
    answers.addAll(query(connection, "SELECT text FROM soaked WHERE text = '" + value + "'"));
    boolean well = client.undisturbed(answers, "a transaction");
    boolean commits = random.nextInt(3) > 0;
    if (commits) {
      client.commits(value);
    }
    List<Answer> end = query(connection, commits ? "COMMIT" : "ROLLBACK");
    boolean ended = client.undisturbed(end, "its end");
    if (well) {
      client.expect(rows(answers).equals(List.of(value, value)), value, answers);
    }
    if (commits) {
      switch (end.getFirst().text()) {
        case "COMMIT" -> client.committed(value, true);
        case "ROLLBACK", "40001", "25P02" -> client.committed(value, false);
        default -> {
          // not known, and never will be
        }
      }
    }
    if (!well || !ended) {
      tidy(connection);
    }
  }

  private void copyIn(RawConnection connection) throws IOException {
    String value = own("copied");
    String row = client.number() + "\t" + value + "\n";
    boolean gives = random.nextInt(3) > 0;
    connection.send(
        Requests.query("BEGIN; COPY soaked FROM STDIN"),
        Requests.copyData(row),
        Requests.copyData(row),
        gives ? Requests.copyDone() : Requests.copyFail());
    List<Answer> answers = connection.untilReady(1);
    List<Answer> seen = query(connection, "SELECT text FROM soaked WHERE text = '" + value + "'");
    if (client.undisturbed(answers, "COPY") && client.undisturbed(seen, "COPY") && gives) {
      client.expect(rows(seen).equals(List.of(value, value)), value, seen);
    }
    tidy(connection);
  }

  private void copyOut(RawConnection connection) throws IOException {
    String value = own("out");
    int count = random.nextInt(300);
    List<Answer> answers =
        query(
            connection,
            "COPY (SELECT '" + value + "' FROM generate_series(1, " + count + ")) TO STDOUT");
    if (client.undisturbed(answers, "COPY")) {
      List<Answer> data = answers.stream().filter(answer -> answer.type() == 'd').toList();
      client.expect(
          data.size() == count
              && data.stream().allMatch(answer -> answer.text().equals(value + "\n")),
          count + " rows of " + value,
          data.size());
    }
  }

  private void large(RawConnection connection) throws IOException {
    int times = 1 + random.nextInt(LARGE / 10);
    List<Answer> answers =
        query(connection, "SELECT repeat('" + client.mark() + "', " + times + ")");
    if (client.undisturbed(answers, "a large value")) {
      client.expect(
          rows(answers).equals(List.of(client.mark().repeat(times))), "a large value", "another");
    }
  }

  /** State that ties the client to its server, and is given up again. */
  private void temporary(RawConnection connection) throws IOException {
    String value = own("temporary");
    List<Answer> answers =
        new ArrayList<>(
            query(connection, "CREATE TEMP TABLE mine AS SELECT '" + value + "' AS text"));
    answers.addAll(query(connection, "SELECT text FROM mine"));
    answers.addAll(query(connection, "DISCARD ALL"));
    client.statements.clear();
    List<Answer> gone = query(connection, "SELECT text FROM mine");
    if (client.undisturbed(answers, "a temporary table")) {
      client.expect(rows(answers).equals(List.of(value)), value, answers);
    }
    if (client.undisturbed(gone, "a temporary table")) {
      client.expect(gone.getFirst().text().equals("42P01"), "no table is left", gone);
    }
    nameAgain(connection);
  }

  /** DISCARD ALL took the name that later checks want. */
  private void nameAgain(RawConnection connection) throws IOException {
    zone = "";
    named = false;
    List<Answer> answers = query(connection, "SET application_name = '" + client.mark() + "app'");
    named = client.undisturbed(answers, "SET") && !failed(answers);
  }

  private void notified(RawConnection connection) throws IOException {
    connection.notifications.clear();
    String value = own("news");
    String channel = "of_" + client.number();
    List<Answer> answers = new ArrayList<>(query(connection, "LISTEN " + channel));
    answers.addAll(query(connection, "NOTIFY " + channel + ", '" + value + "'"));
    answers.addAll(query(connection, "UNLISTEN *"));
    connection.notifications.forEach(each -> client.onlyOwn(each, "a notification"));
    client.undisturbed(answers, "notifications");
    if (random.nextBoolean()) {
      client.statements.clear();
      query(connection, "DISCARD ALL");
      nameAgain(connection);
    }
  }

  /** A portal that is read in parts. */
  private void portal(RawConnection connection) throws IOException {
    String value = own("portal");
    connection.send(
        Requests.parse("", "SELECT $1::text FROM generate_series(1, 50)"),
        Requests.bind("", value),
        Requests.execute(10),
        Requests.execute(15),
        Requests.sync());
    List<Answer> answers = connection.untilReady(1);
    if (client.undisturbed(answers, "a portal")) {
      List<String> rows = rows(answers);
      client.expect(rows.size() == 25 && rows.stream().allMatch(value::equals), "25 rows", answers);
    }
  }

  private void cancelled(RawConnection connection) throws IOException, InterruptedException {
    connection.send(Requests.query("SELECT pg_sleep(" + random.nextInt(300) / 1000.0 + ")"));
    Thread.sleep(random.nextInt(120));
    client.cancels();
    connection.cancel(0);
    client.cancels();
    client.count("cancels");
    client.undisturbed(connection.untilReady(1), "a cancel");
  }

  private void cancelledInVain(RawConnection connection) throws IOException, InterruptedException {
    String value = own("kept");
    connection.send(Requests.query("SELECT '" + value + "' FROM pg_sleep(0.05)"));
    connection.cancel(1 + random.nextInt(1000));
    client.count("cancels with a wrong secret");
    List<Answer> answers = connection.untilReady(1);
    if (client.undisturbed(answers, "a wrong cancel")) {
      client.expect(rows(answers).equals(List.of(value)), value, answers);
    }
  }

  /** Sends a conversation up to some byte, at a border of two messages or within one. */
  void breakOff(RawConnection connection) throws IOException, InterruptedException {
    String value = own("broken");
    List<byte[]> conversation =
        List.of(
            Requests.parse("b", "SELECT '" + client.mark() + "' || $1"),
            Requests.describe("b"),
            Requests.bind("b", value),
            Requests.execute(3),
            Requests.sync(),
            Requests.query("BEGIN; INSERT INTO soaked VALUES (-1, '" + value + "')"),
            Requests.query("SELECT repeat('" + value + "', 20000) FROM generate_series(1, 20)"),
            Requests.query("COPY soaked FROM STDIN"),
            Requests.copyData("-1\t" + value + "\n"),
            Requests.copyDone(),
            Requests.query("SELECT pg_sleep(0.5)"),
            Requests.query("SET work_mem = '9MB'; CREATE TEMP TABLE mine (n int)"),
            Requests.terminate());
    int messages = random.nextInt(conversation.size() + 1);
    var bytes = new ByteArrayOutputStream();
    conversation.subList(0, messages).forEach(bytes::writeBytes);
    if (messages < conversation.size() && random.nextBoolean()) {
      byte[] next = conversation.get(messages);
      bytes.write(next, 0, random.nextInt(next.length));
    }
    connection.send(bytes.toByteArray());
    client.count("break-offs");
    Thread.sleep(random.nextInt(20));
  }
}
