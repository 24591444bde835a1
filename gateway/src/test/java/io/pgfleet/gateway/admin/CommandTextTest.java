package io.pgfleet.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.gateway.admin.AdminCommand.Act;
import io.pgfleet.gateway.admin.AdminCommand.Verb;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CommandTextTest {
  private static AdminCommand one(String text) throws AdminRefusal {
    List<AdminCommand> all = CommandText.read(text);
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  @Test
  void commandsAreReadInAnyCaseWithOrWithoutSemicolon() throws AdminRefusal {
    assertThat(one(" show  Stats ; ")).isEqualTo(new AdminCommand.Table(Show.STATS));
    assertThat(one("SELECT pools")).isEqualTo(new AdminCommand.Table(Show.POOLS));
    assertThat(one("/* by hand */ PAUSE")).isEqualTo(new Act(Verb.PAUSE, Optional.empty()));
    assertThat(one("pause \"My \"\"Db\"")).isEqualTo(new Act(Verb.PAUSE, Optional.of("My \"Db")));
    assertThat(one("kill_client 17")).isEqualTo(new Act(Verb.KILL_CLIENT, Optional.of("17")));
    assertThat(one("shutdown wait_for_clients"))
        .isEqualTo(new Act(Verb.SHUTDOWN, Optional.of("WAIT_FOR_CLIENTS")));
    assertThat(one("SET log_connections = 1"))
        .isEqualTo(new AdminCommand.Set("log_connections", "1"));
    assertThat(one("set key to 'it''s'")).isEqualTo(new AdminCommand.Set("key", "it's"));
    assertThat(one("SET extra_float_digits = 3")).isEqualTo(new AdminCommand.Courtesy("SET"));
    assertThat(one("")).isEqualTo(new AdminCommand.Empty());
    assertThat(CommandText.read("SHOW STATS; SHOW POOLS")).hasSize(2);
  }

  @Test
  void aTraceHasASampleAndALength() throws AdminRefusal {
    assertThat(one("TRACE CLIENT 5"))
        .isEqualTo(new AdminCommand.TraceClient(5, 1, Duration.ofMinutes(1)));
    assertThat(one("trace client 5 sample 10 for 5m"))
        .isEqualTo(new AdminCommand.TraceClient(5, 10, Duration.ofMinutes(5)));
    assertThat(one("trace client 5 off"))
        .isEqualTo(new AdminCommand.TraceClient(5, 0, Duration.ofMinutes(1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "FOO",
        "SHOW",
        "SHOW nothing",
        "SHOW STATS now",
        "PAUSE a b",
        "DISABLE",
        "KILL_CLIENT",
        "KILL_CLIENT abc",
        "KILL_CLIENT -1",
        "SHUTDOWN NOW",
        "SUSPEND app",
        "PAUSE pgbouncer",
        "SET a",
        "SET a b",
        "TRACE CLIENT",
        "TRACE CLIENT 1 SAMPLE 0",
        "TRACE CLIENT 1 FOR 25h",
        "TRACE CLIENT 1 FOR ever",
        "SHOW 'unclosed",
        "PAUSE %",
      })
  void whatIsNoCommandIsRefusedWithAReason(String text) {
    assertThatThrownBy(() -> CommandText.read(text)).isInstanceOf(AdminRefusal.class);
  }

  @Test
  void noiseIsACommandOrARefusalAndNothingElse() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> words =
        List.of(
            "SHOW",
            "STATS",
            "set",
            "=",
            "'",
            "\"",
            ";",
            "PAUSE",
            "TRACE",
            "CLIENT",
            "1",
            "FOR",
            "SAMPLE",
            "/*",
            "*/",
            "--",
            "\n",
            "é",
            "KILL_CLIENT",
            "99999999999999999999",
            "to",
            "(",
            "begin",
            "%",
            "$1");
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(8); n > 0; n--) {
        text.append(words.get(random.nextInt(words.size())))
            .append(random.nextBoolean() ? " " : "");
      }
      try {
        assertThat(CommandText.read(text.toString())).as("seed %s", seed).isNotEmpty();
      } catch (AdminRefusal e) {
        assertThat(e.report().sqlState()).as("seed %s", seed).hasSize(5);
      }
    }
  }
}
