package io.pgfleet.bench.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PgBackRestFileTest {
  private static String text(Optional<String> key) {
    return new PgBackRestFile(Path.of("/base"), 3, key)
        .text(Path.of("/data"), Path.of("/sockets"), 5555);
  }

  @Test
  void bothSidesCompressAlikeWithAsManyWorkers() {
    assertThat(text(Optional.empty()).lines())
        .contains(
            "compress-type=zst", "compress-level=1", "process-max=3", "start-fast=y", "[bench]")
        .contains("repo1-path=/base/repository", "pg1-path=/data", "pg1-port=5555")
        .noneMatch(line -> line.contains("cipher"));
  }

  @Test
  void aKeyMakesItEncrypt() {
    assertThat(text(Optional.of("5e5e")).lines())
        .contains("repo1-cipher-type=aes-256-cbc", "repo1-cipher-pass=5e5e");
  }

  @Test
  void nothingIsKeptOutsideItsFolder() {
    assertThat(text(Optional.empty()).lines())
        .contains("log-path=/base/log", "lock-path=/base/lock", "spool-path=/base/spool");
  }
}
