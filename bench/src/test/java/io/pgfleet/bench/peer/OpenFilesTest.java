package io.pgfleet.bench.peer;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.bench.BenchException;
import org.junit.jupiter.api.Test;

final class OpenFilesTest {
  @Test
  void aLimitThatIsTooLowIsSaidBeforeAnythingStarts() {
    assertThatThrownBy(() -> OpenFiles.check(10_000, 1024))
        .isInstanceOfSatisfying(
            BenchException.class,
            failure -> {
              org.assertj.core.api.Assertions.assertThat(failure).hasMessageContaining("1024");
              org.assertj.core.api.Assertions.assertThat(failure.hint())
                  .contains("ulimit -n 10300");
            });
    assertThatCode(() -> OpenFiles.check(10_000, 10_300)).doesNotThrowAnyException();
  }
}
