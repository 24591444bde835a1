package io.pgfleet.parity.clients;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** pgJDBC, in each of its modes, sees the same directly and through the gateway. */
final class PgjdbcIT {
  private static final int SECTIONS = 12;
  private static Ways ways;

  @BeforeAll
  static void start() {
    ways = new Ways();
  }

  @AfterAll
  static void stop() {
    ways.close();
  }

  @ParameterizedTest
  @CsvSource({
    "defaults, '', 100000000",
    "simple, &preferQueryMode=simple, 10000000",
    "extended_for_prepared, &preferQueryMode=extendedForPrepared, 1000000",
    "cache_everything, &preferQueryMode=extendedCacheEverything&prepareThreshold=1, 1000000",
    "prepared_at_once, &prepareThreshold=1&reWriteBatchedInserts=true, 1000000",
    "autosave, &autosave=always&cleanupSavepoints=true&prepareThreshold=1, 1000000",
    "unprepared, &prepareThreshold=0&binaryTransfer=false&defaultRowFetchSize=50, 1000000",
    "binary_from_the_start, &prepareThreshold=-1&reWriteBatchedInserts=true, 1000000",
  })
  void seesTheSame(String mode, String options, int large) throws Exception {
    String types = Files.readString(Path.of("src/test/clients/types.sql"));
    ways.compare(
        "jdbc_" + mode,
        SECTIONS,
        (port, user) -> new JdbcReport(port, user, types, options, large).run());
  }
}
