package io.pgfleet.bench.carddb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class PromisesTest {
  private static BitSet present(int... sequences) {
    BitSet present = new BitSet();
    for (int sequence : sequences) {
      present.set(sequence);
    }
    return present;
  }

  private static Promises ofThree() {
    Promises promises = new Promises();
    promises.begin();
    promises.begin();
    promises.begin();
    promises.acknowledge(0);
    promises.acknowledge(2);
    return promises;
  }

  @Test
  void anAcknowledgedWriteThatIsNotThereIsMissing() {
    assertThat(ofThree().missing(present(0))).isEqualTo(1);
    assertThat(ofThree().missing(present(0, 2))).isZero();
  }

  @Test
  void aWriteWithoutAnAnswerMayBeThereOrNot() {
    assertThat(ofThree().settledLate(present(0, 2))).isZero();
    assertThat(ofThree().settledLate(present(0, 1, 2))).isEqualTo(1);
    assertThat(ofThree().strangers(present(0, 1, 2))).isZero();
  }

  @Test
  void aWriteThatNobodyBeganIsAStranger() {
    assertThat(ofThree().strangers(present(0, 2, 3, 7))).isEqualTo(2);
    assertThat(ofThree().settledLate(present(0, 2, 3, 7))).isZero();
  }

  @Test
  void onlyWhatWasBegunIsAcknowledged() {
    assertThatThrownBy(() -> ofThree().acknowledge(3)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anIdComesBackFromItsUuid() {
    OperationId id = new OperationId(-5_000_000_000L, 999, Integer.MAX_VALUE);
    assertThat(OperationId.of(id.uuid())).isEqualTo(id);
  }

  @Test
  void theIdsOfARunLieBetweenItsBoundsByteByByte() {
    long run = 0x8000_0000_0000_0001L;
    UUID id = new OperationId(run, 7, 11).uuid();
    // Hexadecimal digits compare as bytes do, and as PostgreSQL compares a uuid.
    assertThat(id.toString())
        .isGreaterThan(OperationId.first(run).toString())
        .isLessThan(OperationId.last(run).toString());
    assertThat(new OperationId(run + 1, 0, 0).uuid().toString())
        .isGreaterThan(OperationId.last(run).toString());
  }
}
