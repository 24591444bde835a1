package io.pgfleet.postgres.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class PostmasterPidTest {
  private static final List<String> WHOLE =
      List.of("123", "/srv/data", "1790000000", "5432", "", "127.0.0.1", "  5432001 9", "ready   ");

  @Test
  void a_whole_file_says_all() {
    PostmasterPid pid = PostmasterPid.parse(WHOLE).orElseThrow();
    assertThat(pid.pid()).isEqualTo(123);
    assertThat(pid.port()).isEqualTo(5432);
    assertThat(pid.startedAt()).isEqualTo(Instant.ofEpochSecond(1_790_000_000));
    assertThat(pid.phase()).isEqualTo(PostmasterPid.Phase.READY);
    assertThat(pid.singleUser()).isFalse();
  }

  @Test
  void one_that_is_being_written_is_that_of_a_start() {
    PostmasterPid pid = PostmasterPid.parse(WHOLE.subList(0, 5)).orElseThrow();
    assertThat(pid.phase()).isEqualTo(PostmasterPid.Phase.STARTING);
  }

  @Test
  void a_single_user_servers_number_is_negative() {
    PostmasterPid pid =
        PostmasterPid.parse(List.of("-77", "/srv/data", "1790000000")).orElseThrow();
    assertThat(pid.pid()).isEqualTo(77);
    assertThat(pid.singleUser()).isTrue();
  }

  @Test
  void rubbish_is_no_postmaster() {
    assertThat(PostmasterPid.parse(List.of(""))).isEmpty();
    assertThat(PostmasterPid.parse(List.of("x", "/srv", "1"))).isEmpty();
    assertThat(PostmasterPid.parse(List.of("0", "/srv", "1"))).isEmpty();
    assertThat(PostmasterPid.parse(List.of("1", "/srv\0", "1"))).isEmpty();
    assertThat(PostmasterPid.parse(List.of("1", "/srv", "9223372036854775807"))).isEmpty();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(4);
    for (int i = 0; i < 5000; i++) {
      byte[] noise = new byte[random.nextInt(60)];
      random.nextBytes(noise);
      String text = new String(noise, java.nio.charset.StandardCharsets.ISO_8859_1);
      assertThat(PostmasterPid.parse(List.of(text.split("\n", -1)))).isEmpty();
    }
  }
}
