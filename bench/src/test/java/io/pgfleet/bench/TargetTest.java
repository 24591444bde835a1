package io.pgfleet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TargetTest {
  @Test
  void aConnectionStringIsTakenApart() {
    assertThat(Target.ofUri("postgresql://carddb:p%40ss+w@127.0.0.1:6432/cards"))
        .isEqualTo(new Target("127.0.0.1", 6432, "cards", "carddb", "p@ss+w"));
  }

  @Test
  void theAddressMayBeOfVersionSix() {
    assertThat(Target.ofUri("postgresql://u:p@[fd00::5]:1234/d").host()).isEqualTo("fd00::5");
  }

  @Test
  void theDatabaseDefaultsToTheUserAndThePortToPostgresqls() {
    assertThat(Target.ofUri("postgres://ada:p@db.example.org"))
        .isEqualTo(new Target("db.example.org", 5432, "ada", "ada", "p"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "carddb",
        "mysql://u:secret@h/d",
        "postgresql://h/d",
        "postgresql://u:se cret@h"
      })
  void whatIsNoConnectionStringIsRefusedWithoutTellingIt(String text) {
    assertThatThrownBy(() -> Target.ofUri(text))
        .isInstanceOf(BenchException.class)
        .hasMessageNotContaining("cret");
  }

  @Test
  void thePasswordIsNotShown() {
    assertThat(new Target("h", 1, "d", "u", "secret").toString()).doesNotContain("secret");
  }
}
