package io.pgfleet.gateway.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.listen.ListenText.Action;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ListenTextTest {
  @Test
  void namesAreReadAsPostgresReadsThem() {
    assertThat(ListenText.parse("listen News;").orElseThrow().actions())
        .containsExactly(new Action.Listen("news", "News"));
    assertThat(
            ListenText.parse(" LISTEN \"A \"\"b\"\"\" ; UNLISTEN x;unlisten *")
                .orElseThrow()
                .actions())
        .containsExactly(
            new Action.Listen("A \"b\"", "\"A \"\"b\"\"\""),
            new Action.Unlisten("x", "x"),
            new Action.UnlistenAll());
    assertThat(ListenText.parse("LISTEN " + "n".repeat(70)).orElseThrow().actions())
        .containsExactly(new Action.Listen("n".repeat(63), "n".repeat(70)));
    assertThat(ListenText.parse("LISTEN\"x\"").orElseThrow().actions()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "SELECT 1",
        "LISTEN a; SELECT 1",
        "LISTEN *",
        "LISTEN a b",
        "LISTENa",
        "LISTEN U&\"x\"",
        "LISTEN a -- why",
        "LISTEN \"\"",
        "LISTEN a'",
        "LISTEN größe",
      })
  void anythingElseIsLeftToTheServer(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    assertThat(ListenText.parse(ByteBuffer.wrap(bytes), 0, bytes.length)).isEmpty();
  }

  @Test
  void theSubstituteHasAStatementForEach() {
    assertThat(ListenText.parse("LISTEN a; UNLISTEN b; UNLISTEN *").orElseThrow().substitute())
        .isEqualTo("UNLISTEN pgfleet_nothing;UNLISTEN b;UNLISTEN *");
  }
}
