package io.pgfleet.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class IdentMapsTest {
  private static final Optional<String> MAP = Optional.of("m");

  private static IdentMaps maps(String text) throws AuthFileException {
    return IdentMaps.parse("ident", text, Optional.empty());
  }

  @Test
  void withoutAMapNamesMustBeEqual() {
    assertThat(IdentMaps.NONE.allows(Optional.empty(), "a", "a", Set.of())).isTrue();
    assertThat(IdentMaps.NONE.allows(Optional.empty(), "a", "b", Set.of())).isFalse();
  }

  @Test
  void linesOfTheMapCountTogether() throws AuthFileException {
    IdentMaps maps =
        maps(
            """
            m  root  postgres
            m  /^(.*)@example\\.com$  \\1
            m  ops   +staff
            m  any   all
            m  like  /^tmp_
            n  root  other
            """);
    assertThat(maps.allows(MAP, "root", "postgres", Set.of())).isTrue();
    assertThat(maps.allows(MAP, "root", "other", Set.of())).isFalse();
    assertThat(maps.allows(MAP, "joe@example.com", "joe", Set.of())).isTrue();
    assertThat(maps.allows(MAP, "joe@example.org", "joe", Set.of())).isFalse();
    assertThat(maps.allows(MAP, "ops", "joe", Set.of("joe", "staff"))).isTrue();
    assertThat(maps.allows(MAP, "ops", "joe", Set.of("joe"))).isFalse();
    assertThat(maps.allows(MAP, "any", "whoever", Set.of())).isTrue();
    assertThat(maps.allows(MAP, "like", "tmp_1", Set.of())).isTrue();
    assertThat(maps.allows(MAP, "like", "a_tmp_1", Set.of())).isFalse();
    assertThat(maps.has("o")).isFalse();
  }

  @Test
  void mistakesAreNamed() {
    assertThatThrownBy(() -> maps("m root\nm /( x\nm /x \\1"))
        .hasMessageContaining("ident:1:1: the line has 2 fields")
        .hasMessageContaining("ident:2:3: the regular expression")
        .hasMessageContaining("ident:3:6: \\1 has nothing");
  }
}
