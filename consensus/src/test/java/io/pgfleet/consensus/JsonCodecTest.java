package io.pgfleet.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonCodecTest {
  record Member(String name, long term, Duration lag, Instant since, List<String> standbys) {}

  private final JsonCodec<Member> codec = JsonCodec.of(Member.class);
  private final Member member =
      new Member(
          "n1", 7, Duration.ofMillis(1500), Instant.parse("2026-01-02T03:04:05Z"), List.of("n2"));

  @Test
  void durationsAndInstantsAreIsoText() {
    assertThat(new String(codec.encode(member), UTF_8))
        .contains("\"lag\":\"PT1.5S\"", "\"since\":\"2026-01-02T03:04:05Z\"");
  }

  @Test
  void whatWasWrittenIsRead() {
    assertThat(codec.decode(codec.encode(member))).isEqualTo(member);
  }

  @Test
  void propertiesOfAnotherVersionAreIgnored() {
    Member read = codec.decode("{\"name\":\"n1\",\"later\":{\"a\":[1]}}".getBytes(UTF_8));
    assertThat(read.name()).isEqualTo("n1");
  }

  @Test
  void otherBytesAreRefused() {
    for (String bytes : List.of("", "null", "{", "[]", "\"x\"", "{\"lag\":\"soon\"}")) {
      assertThatThrownBy(() -> codec.decode(bytes.getBytes(UTF_8)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
