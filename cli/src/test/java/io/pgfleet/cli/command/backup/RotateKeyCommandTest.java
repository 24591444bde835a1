package io.pgfleet.cli.command.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.spec.BackupSpec.KeySource;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RotateKeyCommandTest {
  @Test
  void aKeyIsNamedByItsPlaceAsInFleetYaml() {
    assertThat(RotateKeyCommand.source("file:/etc/new key"))
        .isEqualTo(new KeySource.FromFile(Path.of("/etc/new key")));
    assertThat(RotateKeyCommand.source("env:NEW_KEY"))
        .isEqualTo(new KeySource.FromEnvironment("NEW_KEY"));
    assertThat(RotateKeyCommand.source("command:vault read x:y | tail -1"))
        .isEqualTo(new KeySource.FromCommand("vault read x:y | tail -1"));
  }

  @Test
  void aKeyThatIsGivenItselfIsRefusedAndNotShown() {
    for (String wrong : new String[] {"6d".repeat(32), "key:abc", "file:", "", "FILE:/x"}) {
      assertThatThrownBy(() -> RotateKeyCommand.source(wrong))
          .isInstanceOfSatisfying(
              CommandFailure.class, e -> assertThat(e.status()).isEqualTo(CommandFailure.USAGE))
          .hasMessageContaining("given by its place")
          .satisfies(e ->
              assertThat(wrong.isEmpty() || !String.valueOf(e.getMessage()).contains(wrong))
                  .isTrue());
    }
  }
}
