package io.pgfleet.postgres.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessesTest {
  @Test
  void a_zombie_is_told_from_a_process_whatever_its_name() {
    assertThat(Processes.isOver("1 (postgres) S 1 2")).isFalse();
    assertThat(Processes.isOver("1 (a) Z (b) S 1 2")).isFalse();
    assertThat(Processes.isOver("1 (postgres) Z 1 2")).isTrue();
    assertThat(Processes.isOver("1 (a) S (b) X 1 2")).isTrue();
    assertThat(Processes.isOver("")).isTrue();
    assertThat(Processes.isOver("1 (postgres")).isTrue();
  }
}
