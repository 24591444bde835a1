package io.pgfleet.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three members of a real ensemble. */
@Tag("together")
class EnsembleIT {
  @TempDir Path folder;

  @Test
  void aSessionAndItsWritesGoOnWhenTheLeaderIsLost() throws Exception {
    try (Ensemble ensemble = new Ensemble(folder, 3)) {
      ensemble.startAll();
      ensemble.leader();
      try (Agreement agreement = ensemble.open()) {
        agreement.create("/kept", new byte[] {1}, Lifetime.PERSISTENT);
        agreement.create("/mine", new byte[] {2}, Lifetime.SESSION);
        for (int round = 0; round < 2; round++) {
          int leader = ensemble.leader();
          ensemble.stop(leader);
          int version = agreement.read("/kept").orElseThrow().version();
          agreement.compareAndSet("/kept", new byte[] {3}, version);
          assertThat(agreement.session().lost()).isFalse();
          assertThat(agreement.read("/mine")).isPresent();
          ensemble.start(leader);
          Fixture.until(() -> ensemble.member(leader).isServing());
        }
        assertThat(agreement.read("/kept").orElseThrow().version()).isEqualTo(2);
      }
    }
  }

  @Test
  void aMinorityAgreesOnNothingAndNobodysLeaseIsCertainThere() throws Exception {
    try (Ensemble ensemble = new Ensemble(folder, 3)) {
      ensemble.startAll();
      List<Integer> followers = ensemble.followers();
      try (Agreement agreement = ensemble.open()) {
        agreement.create("/kept", new byte[] {1}, Lifetime.PERSISTENT);
        followers.forEach(ensemble::stop);
        assertThatThrownBy(() -> agreement.compareAndSet("/kept", new byte[] {2}, 0))
            .isInstanceOf(AgreementUnavailableException.class);
        Fixture.until(() -> agreement.session().remaining().isZero());
        for (int number : followers) {
          ensemble.start(number);
        }
      }
      try (Agreement later = ensemble.open()) {
        later.catchUp();
        // The write that had no answer may have been on one disk; it happened once or never.
        assertThat(later.read("/kept").orElseThrow().version()).isBetween(0, 1);
        later.create("/after", new byte[0], Lifetime.PERSISTENT);
      }
    }
  }

  @Test
  void whatWasAgreedIsThereAfterAllHaveBeenStopped() throws Exception {
    try (Ensemble ensemble = new Ensemble(folder, 3)) {
      ensemble.startAll();
      try (Agreement agreement = ensemble.open()) {
        agreement.create("/kept", new byte[] {1}, Lifetime.PERSISTENT);
      }
      ensemble.stopAll();
      ensemble.startAll();
      try (Agreement agreement = ensemble.open()) {
        assertThat(agreement.read("/kept")).isPresent();
      }
    }
  }

  @Test
  void aMemberDoesNotStartInTheFolderOfAnother() throws Exception {
    try (Ensemble ensemble = new Ensemble(folder, 3)) {
      ensemble.start(1);
      ensemble.stop(1);
      assertThatThrownBy(() -> ensemble.start(2, 1))
          .isInstanceOf(ConsensusStartException.class)
          .hasMessageContaining("is that of member 1 of its ensemble, and this is to be member 2");
      ensemble.start(1);
      assertThatThrownBy(() -> ensemble.start(1, 3))
          .isInstanceOf(ConsensusStartException.class)
          .hasMessageContaining("can't listen on localhost");
    }
  }

  @Test
  void aSilentMemberHoldsNobodyUp() throws Exception {
    try (Ensemble ensemble = new Ensemble(folder, 3)) {
      ensemble.start(1);
      ensemble.start(2);
      long began = System.nanoTime();
      try (Agreement agreement = ensemble.open()) {
        agreement.catchUp();
      }
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
    }
  }
}
