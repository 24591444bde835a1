package io.pgfleet.cli.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.testkit.TestPostgres;
import io.pgfleet.wire.client.Connection;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class ShellIT {
  private TestPostgres server;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Session session;

  @TempDir private Path folder;

  @BeforeAll
  void startServer() {
    server = TestPostgres.start();
  }

  @AfterAll
  void stopServer() {
    server.close();
  }

  @BeforeEach
  void begin() throws Exception {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    session = new Session(out, new PrintWriter(err, true), InstantSource.system(), false);
    session.variables().set(Variables.ON_ERROR_STOP, "on");
    session.connect(server.settings("postgres"));
  }

  @AfterEach
  void end() {
    session.disconnect();
  }

  private int script(String... lines) throws Exception {
    Path file = folder.resolve("script.sql");
    Files.write(file, Arrays.asList(lines));
    return new Batch(session, false).run(List.of(new Batch.Script(file.toString())));
  }

  private int statements(String... statements) throws Exception {
    return new Batch(session, false)
        .run(Stream.of(statements).<Batch.Action>map(Batch.Statement::new).toList());
  }

  @Test
  void aTableIsDescribedWithAllThatHangsOnIt() throws Exception {
    int status =
        script(
            "create schema d; set search_path = d;",
            "create table parent(id int primary key, name text unique not null);",
            "create table child(id int references parent on delete cascade,",
            "  price numeric(8,2) default 1.5 check (price > 0));",
            "create function f() returns trigger language plpgsql as $$ begin return new; end $$;",
            "create trigger watch before insert on child for each row execute function f();",
            "\\d child",
            "\\d parent",
            "\\dt",
            "\\di d.*",
            "\\ds \\df \\dn \\du \\l \\dx \\conninfo");
    assertThat(err.toString()).contains("\\ds: Did not find any relations.");
    assertThat(status).isEqualTo(Batch.STOPPED);
    assertThat(out.toString())
        .contains("Table \"d.child\"")
        .contains(" price  | numeric(8,2) |           |          | 1.5\n")
        .contains("    \"child_price_check\" CHECK (price > 0::numeric)")
        .contains("FOREIGN KEY (id) REFERENCES parent(id) ON DELETE CASCADE")
        .contains("    watch BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION f()")
        .contains("    TABLE \"child\" CONSTRAINT \"child_id_fkey\"")
        .contains("    \"parent_pkey\" PRIMARY KEY, btree (id)")
        .contains(" d      | child  | table | postgres")
        .contains("parent_name_key");
    assertThat(statements("\\df d.f", "\\dn", "\\du", "\\l", "\\dx", "\\conninfo")).isZero();
    assertThat(out.toString()).contains("List of databases").contains("plpgsql");
  }

  @Test
  void copiesGoThroughFilesAndInlineData() throws Exception {
    Files.writeString(folder.resolve("in.csv"), "id,name\n1,one\n2,\"t,wo\"\n");
    Path target = folder.resolve("out.csv");
    session.relativeToScript(true);
    int status =
        script(
            "create temp table c(id int, name text);",
            "\\copy c from 'in.csv' csv header",
            "copy c from stdin;",
            "3\tthree",
            "\\.",
            "\\copy c from stdin csv",
            "4,four",
            "\\.",
            "\\copy (select * from c order by id) to '" + target + "' csv;",
            "copy (select 5) to stdout;",
            "select count(*) from c;");
    assertThat(err.toString()).isEmpty();
    assertThat(status).isZero();
    assertThat(target).hasContent("1,one\n2,\"t,wo\"\n3,three\n4,four\n");
    assertThat(out.toString()).contains("COPY 2\nCOPY 1\nCOPY 1\nCOPY 4\n5\n count");
  }

  @Test
  void aScriptStopsAtAnErrorAndNamesItsLine() throws Exception {
    int status =
        script("select 1;", "copy pg_am from stdin;", "x", "\\.", "select 2;", "select", "bad;");
    assertThat(status).isEqualTo(Batch.STOPPED);
    assertThat(err.toString()).contains("script.sql:2: ERROR:");
    session.variables().set(Variables.ON_ERROR_STOP, "off");
    err.getBuffer().setLength(0);
    assertThat(
            script(
                "create temp table e(a int);", "copy e from stdin;", "x", "\\.", "select", "bad;"))
        .isZero();
    assertThat(err.toString())
        .contains("script.sql:2: ERROR:  invalid input syntax")
        .contains("script.sql:6: ERROR:  column \"bad\" does not exist");
  }

  @Test
  void statusesAreThoseOfTheHelp() throws Exception {
    assertThat(statements("select 1", "\\echo x")).isZero();
    assertThat(statements("bad", "select 'never'")).isEqualTo(Batch.FATAL);
    assertThat(out.toString()).doesNotContain("never");
    assertThat(statements("\\nosuch")).isEqualTo(Batch.FATAL);
    assertThat(err.toString()).contains("there is no such command");
    assertThat(new Batch(session, false).run(List.of(new Batch.Script("/no/such"))))
        .isEqualTo(Batch.FATAL);
    assertThat(statements("select pg_terminate_backend(pg_backend_pid())")).isEqualTo(Batch.LOST);
    int unreachable =
        new CommandLine(new SqlCommand(() -> server.settings("postgres")))
            .execute("-d", "nosuchdatabase", "-c", "select 1");
    assertThat(unreachable).isEqualTo(Batch.LOST);
  }

  @Test
  void oneTransactionIsAllOrNothing() throws Exception {
    List<Batch.Action> actions =
        List.of(new Batch.Statement("create table single(a int)"), new Batch.Statement("bad"));
    assertThat(new Batch(session, true).run(actions)).isEqualTo(Batch.FATAL);
    assertThat(statements("create table single(a int)")).isZero();
  }

  @Test
  void aRunningStatementIsCancelled() throws Exception {
    Thread canceller =
        Thread.ofVirtual()
            .start(() -> {
              while (!server
                  .sql("select count(*) from pg_stat_activity where wait_event = 'PgSleep'")
                  .strip()
                  .equals("1")) {
                Thread.onSpinWait();
              }
              session.interrupt();
            });
    assertThat(statements("select pg_sleep(60)")).isEqualTo(Batch.FATAL);
    canceller.join();
    assertThat(err.toString()).contains("canceling statement due to user request");
    assertThat(statements("select 1")).isZero();
  }

  @Test
  void otherPartsRunAScriptThatIncludesOthers() throws Exception {
    Files.writeString(folder.resolve("data.csv"), "7\n");
    Files.writeString(
        folder.resolve("inner.sql"),
        "\\set n 3\ncreate table scripted(a int);\n\\copy scripted from 'data.csv' csv\n");
    Path outer = folder.resolve("outer.sql");
    Files.writeString(outer, "\uFEFF-- first\n\\ir inner.sql\ninsert into scripted values (:n);");
    StringWriter said = new StringWriter();
    try (Connection connection = server.connect()) {
      SqlScript.run(outer, connection, said);
      assertThat(connection.query("select sum(a) from scripted").getFirst().single())
          .isEqualTo("10");
      Files.writeString(folder.resolve("inner.sql"), "select 1;\n\nselect 1/0;\n");
      assertThatThrownBy(() -> SqlScript.run(outer, connection, said))
          .isInstanceOf(ShellException.class)
          .hasMessage(folder.resolve("inner.sql") + ":3: ERROR:  division by zero");
      assertThat(connection.isBroken()).isFalse();
    }
  }

  @Test
  void resultsLookAsPsqlPrintsThem() throws Exception {
    Path psql = Path.of("/usr/bin/psql");
    Assumptions.assumeTrue(Files.isExecutable(psql), "no psql to compare with");
    Path file = folder.resolve("parity.sql");
    Files.write(
        file,
        List.of(
            "create temp table p(id int, name text, note varchar(10), price numeric(8,2));",
            "insert into p values (1,'a','x',1.5),(2,E'multi\\nline','y',22),(3,'漢字 x',null,3),",
            "  (4,'😀','z',4),(5,'e'||chr(769),'z',5) returning id;",
            "select * from p;",
            "\\x",
            "select * from p limit 3;",
            "select 1 as a, 2 as \"long name\" where false;",
            "\\pset border 0",
            "select id, name from p;",
            "\\pset border 2",
            "select id, name from p;",
            "\\x",
            "select id, name from p;",
            "\\pset border 0",
            "select id, name from p;",
            "\\pset border 1",
            "\\pset null (null)",
            "select * from p where id = 3;",
            "\\t",
            "select id, note from p;",
            "\\t",
            "\\a",
            "select id, name, note from p;",
            "\\a",
            "select E'tab\\tx' as tab, E'cr\\rx' as cr, 1 as \"multi\nheader\";",
            "select;",
            "\\set x 5",
            "select :x as x, :'x' as y;",
            "copy (select 1, 'x') to stdout;",
            "select 3 as three \\gx"));
    assertThat(new Batch(session, false).run(List.of(new Batch.Script(file.toString())))).isZero();
    Path printed = folder.resolve("psql.out");
    ProcessBuilder builder =
        new ProcessBuilder(
            psql.toString(),
            "-X",
            "-h",
            server.host(),
            "-p",
            "" + server.port(),
            "-U",
            TestPostgres.USER,
            "-d",
            "postgres",
            "-P",
            "pager=off",
            "-f",
            file.toString());
    builder.environment().put("PGPASSWORD", TestPostgres.PASSWORD);
    builder.environment().put("PGCLIENTENCODING", "UTF8");
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.redirectErrorStream(true).redirectOutput(printed.toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(out.toString()).isEqualTo(Files.readString(printed));
  }
}
