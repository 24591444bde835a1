package io.pgfleet.chaos.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.chaos.check.Attempt.Outcome;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

class VerdictsTest {
  private static SQLException told(String severity, String state) {
    // The fields of ErrorResponse (manual, 'Error and Notice Message Fields').
    return new PSQLException(
        new ServerErrorMessage("S" + severity + "\0V" + severity + "\0C" + state + "\0Mwords\0\0"));
  }

  @ParameterizedTest
  @CsvSource({
    "ERROR, 25006, FAILED",
    "ERROR, 23505, FAILED",
    "ERROR, 40001, FAILED",
    "ERROR, 53100, FAILED",
    "ERROR, 40003, UNKNOWN",
    "ERROR, 57014, UNKNOWN",
    "FATAL, 57P01, UNKNOWN",
    "FATAL, 25006, UNKNOWN",
    "ERROR, 08006, UNKNOWN",
    "PANIC, 53100, UNKNOWN"
  })
  void onlyAPlainRefusalProvesThatNothingWasCommitted(
      String severity, String state, Outcome outcome) {
    assertThat(Verdicts.of(told(severity, state))).isEqualTo(outcome);
  }

  @Test
  void aLostConnectionProvesNothing() {
    assertThat(Verdicts.of(new PSQLException("gone", PSQLState.CONNECTION_FAILURE)))
        .isEqualTo(Outcome.UNKNOWN);
    assertThat(Verdicts.of(new SQLException("gone", "25006"))).isEqualTo(Outcome.UNKNOWN);
  }
}
