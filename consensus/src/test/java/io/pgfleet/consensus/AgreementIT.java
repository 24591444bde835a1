package io.pgfleet.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgreementIT {
  @TempDir static Path folder;
  private static Fixture fixture;
  private static Agreement agreement;

  @BeforeAll
  static void start() throws Exception {
    fixture = new Fixture(folder);
    agreement = fixture.open();
  }

  @AfterAll
  static void stop() {
    agreement.close();
    fixture.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void createMakesTheParentsAndIsReadBack() {
    Entry created = agreement.create("/create/deep/below", bytes("a"), Lifetime.PERSISTENT);
    assertThat(agreement.read("/create/deep/below")).contains(created);
    assertThat(created.version()).isZero();
    assertThat(agreement.children("/create")).containsExactly("deep");
    assertThat(agreement.read("/create/deep").orElseThrow().data()).isEmpty();
    assertThat(agreement.read("/nowhere")).isEmpty();
    assertThat(agreement.children("/nowhere")).isEmpty();
  }

  @Test
  void createOfWhatIsThereIsAConflict() {
    agreement.create("/twice", bytes("a"), Lifetime.PERSISTENT);
    assertThatThrownBy(() -> agreement.create("/twice", bytes("b"), Lifetime.PERSISTENT))
        .isInstanceOfSatisfying(
            ConflictException.class, e -> assertThat(e.path()).isEqualTo("/twice"))
        .hasMessage("/twice is there already.");
  }

  @Test
  void compareAndSetNeedsTheVersionThatIsThere() {
    agreement.create("/cas", bytes("a"), Lifetime.SESSION);
    Entry set = agreement.compareAndSet("/cas", bytes("b"), 0);
    assertThat(set).isEqualTo(new Entry("/cas", bytes("b"), 1, Lifetime.SESSION, true));
    assertThat(agreement.read("/cas")).contains(set);
    assertThatThrownBy(() -> agreement.compareAndSet("/cas", bytes("c"), 0))
        .isInstanceOf(ConflictException.class)
        .hasMessage("/cas was changed by another.");
    assertThatThrownBy(() -> agreement.compareAndSet("/cas-gone", bytes("c"), 0))
        .isInstanceOf(ConflictException.class)
        .hasMessage("/cas-gone is not there.");
    assertThat(agreement.read("/cas")).contains(set);
  }

  @Test
  void deleteNeedsTheVersionAndNoChildren() {
    agreement.create("/delete/child", bytes("a"), Lifetime.PERSISTENT);
    assertThatThrownBy(() -> agreement.delete("/delete", 0))
        .isInstanceOf(ConflictException.class)
        .hasMessage("/delete has entries below it.");
    assertThatThrownBy(() -> agreement.delete("/delete/child", 1))
        .isInstanceOf(ConflictException.class);
    agreement.delete("/delete/child", 0);
    agreement.delete("/delete", 0);
    assertThat(agreement.read("/delete")).isEmpty();
  }

  @Test
  void commitMakesAllChangesOrNone() {
    agreement.create("/commit/term", bytes("1"), Lifetime.PERSISTENT);
    List<Change> changes =
        List.of(
            new Change.Create("/commit/new/lease", bytes("me"), Lifetime.SESSION),
            new Change.Set("/commit/term", bytes("2"), 0),
            new Change.Check("/commit/guard", 0));
    assertThatThrownBy(() -> agreement.commit(changes))
        .isInstanceOfSatisfying(
            ConflictException.class, e -> assertThat(e.path()).isEqualTo("/commit/guard"));
    assertThat(agreement.read("/commit/new/lease")).isEmpty();
    assertThat(agreement.read("/commit/term").orElseThrow().version()).isZero();

    agreement.create("/commit/guard", bytes(""), Lifetime.PERSISTENT);
    agreement.commit(changes);
    assertThat(agreement.read("/commit/new/lease").orElseThrow().ours()).isTrue();
    assertThat(agreement.read("/commit/term").orElseThrow().data()).isEqualTo(bytes("2"));
  }

  @Test
  void catchUpShowsWhatAnotherAgreementWrote() {
    try (Agreement other = fixture.open()) {
      for (int i = 0; i < 20; i++) {
        other.create("/seen/" + i, bytes("x"), Lifetime.SESSION);
        agreement.catchUp();
        Entry seen = agreement.read("/seen/" + i).orElseThrow();
        assertThat(seen.lifetime()).isEqualTo(Lifetime.SESSION);
        assertThat(seen.ours()).isFalse();
      }
    }
  }

  @Test
  void sessionEntriesEndWithTheAgreement() {
    Agreement other = fixture.open();
    other.create("/lease-of-closed", bytes("x"), Lifetime.SESSION);
    assertThatThrownBy(
            () -> other.create("/lease-of-closed/below", bytes("x"), Lifetime.PERSISTENT))
        .isInstanceOf(ConflictException.class)
        .hasMessage("/lease-of-closed/below can't stand below a SESSION entry.");
    other.close();
    assertThat(other.session().lost()).isTrue();
    assertThat(other.session().remaining()).isZero();
    assertThatThrownBy(() -> other.read("/lease-of-closed"))
        .isInstanceOf(AgreementUnavailableException.class)
        .hasMessageContaining("has ended");
    agreement.catchUp();
    assertThat(agreement.read("/lease-of-closed")).isEmpty();
  }

  @Test
  void aNewSessionTakesTheOldOnesLeaseInOneStep() {
    Agreement before = fixture.open();
    before.create("/takeover", bytes("agent-1"), Lifetime.SESSION);
    try (Agreement after = fixture.open()) {
      after.catchUp();
      Entry old = after.read("/takeover").orElseThrow();
      assertThat(old.data()).isEqualTo(bytes("agent-1"));
      after.commit(
          List.of(
              new Change.Delete("/takeover", old.version()),
              new Change.Create("/takeover", bytes("agent-1"), Lifetime.SESSION)));
      assertThat(after.read("/takeover").orElseThrow().ours()).isTrue();
      before.close();
      after.catchUp();
      assertThat(after.read("/takeover").orElseThrow().ours()).isTrue();
    }
  }

  @Test
  void tooMuchDataIsRefusedBeforeItIsSent() {
    assertThatThrownBy(() -> agreement.create("/big", new byte[1024 * 1024], Lifetime.PERSISTENT))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> agreement.delete("relative", 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> agreement.read("relative"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theSessionIsCertainForATimeBelowItsTimeout() {
    assertThat(agreement.session().timeout()).isEqualTo(Fixture.SESSION);
    assertThat(agreement.session().remaining()).isLessThan(Fixture.SESSION);
    Fixture.until(
        () -> agreement.session().remaining().compareTo(Fixture.SESSION.dividedBy(2)) > 0);
  }
}
