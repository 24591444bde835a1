package io.pgfleet.cli.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.client.ConnectSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the shell reads beside statements: arguments, patterns, URIs; and how it writes errors. */
class ShellTextTest {
  private final Variables variables = new Variables();

  @Test
  void argumentsLoseTheirQuotesAndTakeVariables() throws ShellException {
    variables.set("v", "5");
    assertThat(MetaArguments.parse("pset null '(a ''b'' \\n)'", variables).arguments())
        .containsExactly("null", "(a 'b' \n)");
    assertThat(MetaArguments.parse("echo :v x:v :'v' \"A b\"", variables).arguments())
        .containsExactly("5", "x5", "'5'", "\"A b\"");
    assertThat(MetaArguments.parse("q", variables).name()).isEqualTo("q");
    assertThatThrownBy(() -> MetaArguments.parse("echo 'x", variables))
        .isInstanceOf(ShellException.class)
        .hasMessageContaining("unterminated");
  }

  @Test
  void aCopyIsTakenApart() throws ShellException {
    assertThat(CopyClause.parse("t FROM 'x y.csv' CSV HEADER"))
        .isEqualTo(new CopyClause("t", true, "x y.csv", true, "CSV HEADER"));
    assertThat(CopyClause.parse("s.t(a, b) from stdin;").sql())
        .isEqualTo("COPY s.t (a, b) FROM STDIN ");
    assertThat(CopyClause.parse("(select 1 from t) to /tmp/x with (format csv, null '')"))
        .isEqualTo(
            new CopyClause(
                "(select 1 from t)", false, "/tmp/x", true, "with (format csv, null '')"));
    assertThat(CopyClause.parse("\"from\" to 'it''s';").place()).isEqualTo("it's");
    for (String bad : new String[] {"", "t", "t from", "t into 'x'", "t from program 'ls'"}) {
      assertThatThrownBy(() -> CopyClause.parse(bad)).as(bad).isInstanceOf(ShellException.class);
    }
  }

  @Test
  void patternsBecomeRegularExpressions() {
    assertThat(NamePattern.parse("Foo*.b?r")).isEqualTo(new NamePattern("^(foo.*)$", "^(b.r)$"));
    assertThat(NamePattern.parse("\"A.b\"")).isEqualTo(new NamePattern(null, "^(A\\.b)$"));
    assertThat(NamePattern.parse("s.")).isEqualTo(new NamePattern("^(s)$", null));
    assertThat(NamePattern.parse("x'y").matches("c")).isEqualTo("c::text ~ '^(x''y)$'");
  }

  @Test
  void aUriSetsWhatItNames() throws ShellException {
    ConnectSettings base = ConnectSettings.of("h", 1, "d", "u").withPassword("p");
    ConnectSettings settings =
        ConnectionUri.parse(
                "postgresql://us%40er:p%3Aw@[::1]:6432/my%20db?connect_timeout=3&application_name=x")
            .over(base);
    assertThat(settings.host()).isEqualTo("::1");
    assertThat(settings.port()).isEqualTo(6432);
    assertThat(settings.user()).isEqualTo("us@er");
    assertThat(settings.password()).contains("p:w");
    assertThat(settings.database()).isEqualTo("my db");
    assertThat(settings.connectTimeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(settings.parameters()).containsEntry("application_name", "x");
    assertThat(ConnectionUri.parse("postgres:///other").over(base))
        .isEqualTo(base.withDatabase("other"));
    for (String bad :
        new String[] {
          "postgresql://a,b/x",
          "postgresql://h/d?nope=1",
          "postgresql://h/d?sslmode=require",
          "postgresql://h:99999/d",
          "postgresql://h/ x"
        }) {
      assertThatThrownBy(() -> ConnectionUri.parse(bad).over(base))
          .as(bad)
          .isInstanceOf(ShellException.class);
    }
  }

  @Test
  void anErrorPointsAtItsPlace() {
    String sql = "select a,\n\t\"漢字\", nocol\nfrom t";
    ServerReport report =
        ServerReport.of("ERROR", "42703", "column \"nocol\" does not exist")
            .with(ServerReport.POSITION, "18")
            .with(ServerReport.HINT, "look");
    assertThat(ErrorText.of(report, sql))
        .isEqualTo(
            """
            ERROR:  column "nocol" does not exist
            LINE 2:  "漢字", nocol
                             ^
            HINT:  look
            """);
    ServerReport far = ServerReport.of("ERROR", "42601", "x").with(ServerReport.POSITION, "150");
    assertThat(ErrorText.of(far, "y".repeat(300)))
        .contains("LINE 1: ..." + "y".repeat(60) + "...\n");
    assertThat(ErrorText.of(far, "short")).contains("LINE 1: short\n");
    assertThat(ErrorText.of(far.with('P', "junk"), "short")).isEqualTo("ERROR:  x\n");
  }

  @Test
  void truthIsReadAsPsqlReadsIt() throws ShellException {
    assertThat(Variables.isTrue("x", "ON")).isTrue();
    assertThat(Variables.isTrue("x", "0")).isFalse();
    assertThatThrownBy(() -> variables.set("ON_ERROR_STOP", "perhaps"))
        .hasMessageContaining("perhaps");
    assertThatThrownBy(() -> variables.set("a b", "1")).hasMessageContaining("invalid");
  }

  @Test
  void secretsStayOutOfTheHistory() {
    assertThat(DiscreetHistory.isSecret("alter role x PassWord 'y'")).isTrue();
    assertThat(DiscreetHistory.isSecret("\\c postgresql://u:p@h/d")).isTrue();
    assertThat(DiscreetHistory.isSecret("select 1")).isFalse();
  }

  @Test
  void longTimesAreReadable() {
    assertThat(StatementRunner.elapsed(Duration.ofNanos(1_234_567))).isEqualTo("Time: 1.235 ms");
    assertThat(StatementRunner.elapsed(Duration.ofMillis(65_250)))
        .isEqualTo("Time: 65250.000 ms (01:05.250)");
  }
}
