package io.pgfleet.agent.decide;

import static io.pgfleet.agent.decide.Scene.A;
import static io.pgfleet.agent.decide.Scene.B;
import static io.pgfleet.agent.decide.Scene.C;
import static io.pgfleet.agent.decide.Scene.SYSTEM;
import static io.pgfleet.agent.decide.Scene.TERM;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.Member.Role;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The table in {@link NodeDecision}, cell by cell, and each way's interrupted steps. */
class NodeDecisionTest {
  private static final LocalServer ABSENT = new LocalServer.Absent();
  private static final LocalServer STOPPED = new LocalServer.Stopped(SYSTEM);
  private static final LocalServer SILENT = new LocalServer.Silent(SYSTEM);
  private static final LocalServer PRIMARY = new LocalServer.Primary(SYSTEM, 3, new Lsn(100));
  private static final LocalServer.Standby SEALED = standby(Optional.empty(), false, true);
  private static final LocalServer.Standby FOLLOWS_A = standby(Optional.of(A), true, true);
  private static final Vote MINE = new Vote(B, TERM, 3, new Lsn(100));

  private static LocalServer.Standby standby(
      Optional<NodeName> upstream, boolean receiving, boolean exhausted) {
    return new LocalServer.Standby(SYSTEM, 3, new Lsn(100), upstream, receiving, exhausted);
  }

  private static Scene here(LocalServer server) {
    return new Scene(server);
  }

  private static Scene served(LocalServer server) {
    return here(server).leased(A, TERM).member(A, Role.PRIMARY, TERM);
  }

  @Test
  void theFounderMakesTheFirstDataAndOthersWait() {
    for (boolean founder : List.of(true, false)) {
      for (LocalServer server : List.of(ABSENT, STOPPED, PRIMARY)) {
        Action action =
            NodeDecision.decide(
                new NodeView(
                    B,
                    founder,
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    Map.of(),
                    List.of(),
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    false,
                    false,
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    false,
                    server,
                    false));
        assertThat(action).isInstanceOf(founder ? Action.Found.class : Action.Await.class);
      }
    }
  }

  @Test
  void whoPromisedToWaitNeitherLetsGoOfItsUpstreamNorVotes() {
    for (LocalServer server : List.of(SEALED, FOLLOWS_A)) {
      assertThat(here(server).promised().decision()).isInstanceOf(Action.Await.class);
    }
  }

  @Test
  void theLastPrimaryTakesItsLeaseAgainWhateverItPromised() {
    assertThat(here(PRIMARY).led(B).promised().decision()).isInstanceOf(Action.ResumeLease.class);
  }

  @Test
  void dataOfAnotherClusterIsNeverTouched() {
    for (LocalServer server :
        List.of(
            new LocalServer.Stopped(8),
            new LocalServer.Silent(8),
            new LocalServer.Primary(8, 1, Lsn.ZERO),
            new LocalServer.Standby(8, 1, Lsn.ZERO, Optional.empty(), false, true))) {
      assertThat(here(server).decision()).isInstanceOf(Action.Await.class);
      assertThat(here(server).mine().decision()).isInstanceOf(Action.Await.class);
      assertThat(served(server).decision()).isInstanceOf(Action.Await.class);
    }
  }

  @Nested
  class WhenIHoldTheLease {
    @Test
    void withoutDataIGiveItBack() {
      assertThat(here(ABSENT).mine().decision()).isInstanceOf(Action.YieldLease.class);
    }

    @Test
    void stoppedIGiveItBackIfEnoughVotersFollow() {
      Scene scene = here(STOPPED).mine().member(A, Role.STANDBY, TERM);
      assertThat(scene.decision()).isInstanceOf(Action.StartPrimary.class);
      assertThat(scene.member(C, Role.STANDBY, TERM).decision())
          .isInstanceOf(Action.YieldLease.class);
    }

    @Test
    void stoppedIStartIfTheOthersAreNotOfThisReignOrNoStandbys() {
      assertThat(here(STOPPED).mine().decision()).isInstanceOf(Action.StartPrimary.class);
      assertThat(
              here(STOPPED)
                  .mine()
                  .member(A, Role.STANDBY, new Term(4))
                  .member(C, Role.CLONING, TERM)
                  .decision())
          .isInstanceOf(Action.StartPrimary.class);
    }

    @Test
    void stoppedIStartAfterHavingYieldedInVain() {
      assertThat(
              here(STOPPED)
                  .mine()
                  .yielding()
                  .member(A, Role.STANDBY, TERM)
                  .member(C, Role.STANDBY, TERM)
                  .decision())
          .isInstanceOf(Action.StartPrimary.class);
    }

    @Test
    void aSilentServerIsWaitedFor() {
      assertThat(here(SILENT).mine().decision()).isInstanceOf(Action.Await.class);
    }

    @Test
    void aServerThatHangsIsStoppedIfAStandbyCanTakeOver() {
      assertThat(here(PRIMARY).hanging().mine().decision()).isInstanceOf(Action.Lead.class);
      assertThat(here(SILENT).hanging().mine().decision()).isInstanceOf(Action.Await.class);
      assertThat(
              here(SILENT)
                  .hanging()
                  .mine()
                  .member(A, Role.STANDBY, TERM)
                  .member(C, Role.STANDBY, TERM)
                  .decision())
          .isInstanceOf(Action.StopAtOnce.class);
    }

    @Test
    void aStandbyIsPromotedAlsoIfThePromotionWasCutShortBefore() {
      Scene scene = here(SEALED).mine();
      assertThat(scene.decision()).isEqualTo(new Action.Promote(scene.state()));
    }

    @Test
    void aPrimaryLeads() {
      Scene scene = here(PRIMARY).mine();
      assertThat(scene.decision()).isEqualTo(new Action.Lead(scene.state()));
    }

    @Test
    void aPlannedMoveToAVoterThatFollowsIsMade() {
      Scene scene = here(PRIMARY).mine().move(C, TERM).member(C, Role.STANDBY, TERM);
      scene.member(A, Role.STANDBY, TERM);
      assertThat(scene.decision()).isEqualTo(new Action.HandOver(C));
    }

    @Test
    void aPlannedMoveWaitsWhileTooFewVotersFollowToElectAnybody() {
      Scene scene = here(PRIMARY).mine().move(C, TERM).member(C, Role.STANDBY, TERM);
      assertThat(scene.decision()).isInstanceOf(Action.Lead.class);
      scene.member(A, Role.STOPPED, TERM);
      assertThat(scene.decision()).isInstanceOf(Action.Lead.class);
      assertThat(scene.voters(C).decision()).isEqualTo(new Action.HandOver(C));
    }

    @Test
    void aPlannedMoveOfAnotherTermOrToMeOrToNoVoterIsNot() {
      assertThat(here(PRIMARY).mine().move(C, new Term(4)).member(C, Role.STANDBY, TERM).decision())
          .isInstanceOf(Action.Lead.class);
      assertThat(here(PRIMARY).mine().move(B, TERM).decision()).isInstanceOf(Action.Lead.class);
      assertThat(here(PRIMARY).mine().move(C, TERM).decision()).isInstanceOf(Action.Lead.class);
      assertThat(
              here(PRIMARY).mine().voters(A).move(C, TERM).member(C, Role.STANDBY, TERM).decision())
          .isInstanceOf(Action.Lead.class);
    }

    @Test
    void aLeaseOfAnotherTermIsGivenBack() {
      for (LocalServer server : List.of(ABSENT, STOPPED, SILENT, PRIMARY, SEALED)) {
        assertThat(here(server).mine().leased(B, new Term(4)).decision())
            .isInstanceOf(Action.YieldLease.class);
      }
    }
  }

  @Nested
  class WhenAnEarlierLifeOfMineHoldsTheLease {
    @Test
    void itIsTakenOverWhateverRuns() {
      for (LocalServer server : List.of(ABSENT, STOPPED, SILENT, PRIMARY, SEALED)) {
        Scene scene = here(server).led(B).leased(B, TERM);
        assertThat(scene.decision()).isEqualTo(new Action.ResumeLease(scene.state()));
      }
    }
  }

  @Nested
  class WhenAnotherHoldsTheLease {
    @Test
    void withoutDataIAmClonedOnceItServes() {
      Scene scene = served(ABSENT);
      assertThat(scene.decision()).isEqualTo(new Action.Clone(scene.primary()));
      assertThat(here(ABSENT).leased(A, TERM).decision()).isInstanceOf(Action.Await.class);
      assertThat(here(ABSENT).leased(A, TERM).member(A, Role.PRIMARY, new Term(4)).decision())
          .isInstanceOf(Action.Await.class);
    }

    @Test
    void stoppedIStartSealed() {
      assertThat(served(STOPPED).decision()).isInstanceOf(Action.StartSealed.class);
      assertThat(here(STOPPED).leased(A, TERM).decision()).isInstanceOf(Action.StartSealed.class);
    }

    @Test
    void aSilentServerIsWaitedFor() {
      assertThat(served(SILENT).decision()).isInstanceOf(Action.Await.class);
    }

    @Test
    void aPrimaryIsStoppedAtOnce() {
      assertThat(served(PRIMARY).decision()).isInstanceOf(Action.StopAtOnce.class);
      assertThat(here(PRIMARY).leased(A, TERM).decision()).isInstanceOf(Action.StopAtOnce.class);
    }

    @Test
    void aFormerPrimaryThatGaveWayStartsOnceItsSuccessorHasItsStandbys() {
      Scene elected = here(STOPPED).yielding().leased(A, TERM).member(C, Role.STANDBY, TERM);
      assertThat(elected.decision()).isInstanceOf(Action.Await.class);
      assertThat(here(STOPPED).leased(A, TERM).decision()).isEqualTo(new Action.StartSealed());
      assertThat(serves(false).member(C, Role.STANDBY, TERM).decision())
          .isInstanceOf(Action.Await.class);
      assertThat(serves(true).member(C, Role.STANDBY, TERM).decision())
          .isEqualTo(new Action.StartSealed());
      // Nobody else is there whom its commits could wait for.
      assertThat(serves(false).decision()).isEqualTo(new Action.StartSealed());
    }

    private Scene serves(boolean streaming) {
      return here(STOPPED)
          .yielding()
          .leased(A, TERM)
          .waits(SyncSet.of(List.of(B, C), 1), streaming);
    }

    @Test
    void aStandbyTakesItsVoteBackBeforeAnythingElse() {
      assertThat(served(SEALED).vote(MINE).decision()).isEqualTo(new Action.WithdrawVote(MINE));
      assertThat(here(SEALED).leased(A, TERM).vote(MINE).decision())
          .isEqualTo(new Action.WithdrawVote(MINE));
    }

    @Test
    void aStandbyThatHasSeenItsPrimaryEndForAMoveDoesNotJoinItAgain() {
      assertThat(served(SEALED).ending(TERM).decision()).isEqualTo(new Action.Expect());
      assertThat(served(SEALED).ending(new Term(4)).decision()).isInstanceOf(Action.Join.class);
      assertThat(served(FOLLOWS_A).ending(TERM).decision()).isInstanceOf(Action.Follow.class);
      assertThat(served(SEALED).ending(TERM).vote(MINE).decision())
          .isEqualTo(new Action.WithdrawVote(MINE));
      assertThat(here(SEALED).ending(TERM).decision()).isInstanceOf(Action.CastVote.class);
    }

    @Test
    void aStandbyJoinsThenFollows() {
      Scene scene = served(SEALED);
      assertThat(scene.decision()).isEqualTo(new Action.Join(scene.primary(), SEALED, false));
      Scene following = served(FOLLOWS_A);
      assertThat(following.decision()).isEqualTo(new Action.Follow(following.primary()));
    }

    @Test
    void aStandbyOfAnotherUpstreamJoins() {
      LocalServer.Standby followsC = standby(Optional.of(C), true, true);
      Scene scene = served(followsC);
      assertThat(scene.decision()).isEqualTo(new Action.Join(scene.primary(), followsC, false));
    }

    @Test
    void aStandbyNeedNotWithdrawAVoteAgainstAnEarlierReign() {
      Scene scene = served(SEALED).vote(new Vote(B, new Term(4), 3, new Lsn(100)));
      assertThat(scene.decision()).isEqualTo(new Action.Join(scene.primary(), SEALED, false));
    }

    @Test
    void oneThatIsNeverPromotedComparesWithAPrimaryThatServes() {
      Scene early = elected(SEALED, 3, 100).neverPromoted();
      assertThat(early.decision()).isInstanceOf(Action.Await.class);
      LocalServer.Standby held =
          new LocalServer.Standby(
              SYSTEM, 3, new Lsn(100), Optional.of(C), true, false, true, OptionalLong.of(3600));
      Scene served = served(held).neverPromoted();
      assertThat(served.decision()).isEqualTo(new Action.Join(served.primary(), held, false));
    }

    @Test
    void oneWithARelayReceivesFromThatAndComparesWithThePrimary() {
      LocalServer.Standby followsC = standby(Optional.of(C), true, false);
      Scene relayed = served(followsC).member(C, Role.STANDBY, TERM).neverPromoted().relayedBy(C);
      Member relay = Objects.requireNonNull(relayed.members.get(C));
      assertThat(relayed.decision()).isEqualTo(new Action.Follow(relayed.primary(), relay));
      Scene apart = served(SEALED).member(C, Role.STANDBY, TERM).neverPromoted().relayedBy(C);
      assertThat(apart.decision())
          .isEqualTo(new Action.Join(apart.primary(), relay, SEALED, false));
      Scene none = served(new LocalServer.Absent()).member(C, Role.STANDBY, TERM).relayedBy(C);
      assertThat(none.decision()).isEqualTo(new Action.Clone(relay));
      Scene lost = served(followsC).neverPromoted();
      assertThat(lost.decision())
          .isEqualTo(new Action.Join(lost.primary(), lost.primary(), followsC, false));
    }

    @Test
    void oneWhoseRelayBecomesThePrimaryGoesOnFollowingIt() {
      Scene scene = served(FOLLOWS_A).neverPromoted().relayedBy(A);
      assertThat(scene.decision()).isEqualTo(new Action.Follow(scene.primary()));
    }

    @Test
    void oneThatIsNeverPromotedTakesItsVoteBackSoThatNobodyWaitsForIt() {
      assertThat(here(SEALED).led(A).vote(MINE).neverPromoted().decision())
          .isEqualTo(new Action.WithdrawVote(MINE));
      assertThat(here(SEALED).led(A).neverPromoted().decision()).isInstanceOf(Action.Await.class);
    }

    @Test
    void aStandbyWhoseWalTheWinnerHadJoinsItBeforeItServes() {
      assertThat(elected(SEALED, 3, 100).decision())
          .isEqualTo(new Action.Join(member(elected(SEALED, 3, 100)), SEALED, true));
      assertThat(elected(SEALED, 3, 101).decision()).isInstanceOf(Action.Join.class);
      LocalServer.Standby follows = standby(Optional.of(A), false, true);
      assertThat(elected(follows, 3, 100).decision()).isInstanceOf(Action.Await.class);
    }

    @Test
    void aStandbyWithOtherOrMoreOrMuchLessWalThanTheWinnerWaits() {
      assertThat(elected(SEALED, 3, 99).decision()).isInstanceOf(Action.Await.class);
      assertThat(elected(SEALED, 2, 100).decision()).isInstanceOf(Action.Await.class);
      assertThat(elected(SEALED, 4, 100).decision()).isInstanceOf(Action.Await.class);
      assertThat(elected(SEALED, 3, 101 + (16 << 20)).decision()).isInstanceOf(Action.Await.class);
      Scene olderVote =
          here(SEALED)
              .leased(A, TERM)
              .member(A, Role.STANDBY, TERM)
              .vote(new Vote(A, new Term(3), 3, new Lsn(100)));
      assertThat(olderVote.decision()).isInstanceOf(Action.Await.class);
    }

    private Scene elected(LocalServer server, int timeline, long flushed) {
      return here(server)
          .leased(A, TERM)
          .member(A, Role.STANDBY, TERM)
          .vote(new Vote(A, new Term(4), timeline, new Lsn(flushed)));
    }

    private Member member(Scene scene) {
      return Objects.requireNonNull(scene.members.get(A));
    }

    @Test
    void aStandbyWaitsUntilItServes() {
      assertThat(here(SEALED).leased(A, TERM).decision()).isInstanceOf(Action.Await.class);
      assertThat(here(SEALED).leased(A, TERM).member(A, Role.STANDBY, TERM).decision())
          .isInstanceOf(Action.Await.class);
    }
  }

  @Nested
  class WhenNobodyHoldsTheLease {
    @Test
    void withoutDataIWait() {
      assertThat(here(ABSENT).decision()).isInstanceOf(Action.Await.class);
      assertThat(here(ABSENT).led(B).decision()).isInstanceOf(Action.Await.class);
    }

    @Test
    void aSilentServerIsWaitedFor() {
      assertThat(here(SILENT).decision()).isInstanceOf(Action.Await.class);
      assertThat(here(SILENT).led(B).decision()).isInstanceOf(Action.Await.class);
    }

    @Test
    void theLastPrimaryTakesItWhateverItsServerIs() {
      for (LocalServer server : List.of(STOPPED, PRIMARY, SEALED, FOLLOWS_A)) {
        Scene scene = here(server).led(B);
        assertThat(scene.decision()).isEqualTo(new Action.ResumeLease(scene.state()));
      }
    }

    @Test
    void theLastPrimaryThatYieldedWaitsWhileStopped() {
      assertThat(here(STOPPED).led(B).yielding().decision()).isInstanceOf(Action.Await.class);
    }

    @Test
    void othersStartSealed() {
      assertThat(here(STOPPED).decision()).isInstanceOf(Action.StartSealed.class);
    }

    @Test
    void aPrimaryThatIsNotTheLastOneIsStopped() {
      assertThat(here(PRIMARY).decision()).isInstanceOf(Action.StopAtOnce.class);
    }

    @Test
    void aStandbySealsThenWaitsForReplayThenVotes() {
      assertThat(here(FOLLOWS_A).decision()).isInstanceOf(Action.Seal.class);
      assertThat(here(standby(Optional.of(A), false, true)).decision())
          .isInstanceOf(Action.Seal.class);
      assertThat(here(standby(Optional.empty(), true, true)).decision())
          .isInstanceOf(Action.Await.class);
      assertThat(here(standby(Optional.empty(), false, false)).decision())
          .isInstanceOf(Action.Await.class);
      assertThat(here(SEALED).decision()).isEqualTo(new Action.CastVote(MINE));
    }

    @Test
    void aVoteOfAnotherTermOrPositionIsCastAnew() {
      for (Vote old :
          List.of(
              new Vote(B, new Term(4), 3, new Lsn(100)),
              new Vote(B, TERM, 3, new Lsn(99)),
              new Vote(B, TERM, 2, new Lsn(100)))) {
        assertThat(here(SEALED).vote(old).decision()).isEqualTo(new Action.CastVote(MINE));
      }
    }

    @Test
    void theWinnerTakesTheTermAndTheOthersWait() {
      Vote behind = new Vote(C, TERM, 3, new Lsn(90));
      Vote ahead = new Vote(C, TERM, 3, new Lsn(110));
      Scene won = here(SEALED).vote(MINE).vote(behind);
      assertThat(won.decision()).isEqualTo(new Action.TakeTerm(won.state(), List.of(MINE, behind)));
      assertThat(here(SEALED).vote(MINE).vote(ahead).decision()).isInstanceOf(Action.Await.class);
      assertThat(here(SEALED).vote(MINE).decision()).isInstanceOf(Action.Await.class);
    }

    @Test
    void whereCommitsWaitForNobodyTheFurthestTakesTheTermWithinItsBound() {
      Scene within = here(SEALED).vote(MINE).mayLose(10, true);
      assertThat(within.decision()).isEqualTo(new Action.TakeTerm(within.state(), List.of(MINE)));
      assertThat(here(SEALED).vote(MINE).mayLose(9, true).decision())
          .isInstanceOfSatisfying(
              Action.Await.class, wait -> assertThat(wait.why()).contains("max_lag_on_failover"));
      assertThat(here(SEALED).vote(MINE).mayLose(10, false).decision())
          .isInstanceOf(Action.Await.class);
    }

    @Test
    void aPlannedMovesTargetWinsATie() {
      Vote equal = new Vote(C, TERM, 3, new Lsn(100));
      assertThat(here(SEALED).vote(MINE).vote(equal).decision())
          .isInstanceOf(Action.TakeTerm.class);
      assertThat(here(SEALED).vote(MINE).vote(equal).move(C, TERM).decision())
          .isInstanceOf(Action.Await.class);
      assertThat(here(SEALED).vote(MINE).vote(equal).move(C, new Term(4)).decision())
          .isInstanceOf(Action.TakeTerm.class);
    }
  }
}
