package io.pgfleet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.agent.NodeServer.Replica;
import io.pgfleet.agent.NodeServer.Way;
import io.pgfleet.agent.NodeServerException;
import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.Member.Role;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.ServerStatus;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.postgres.data.ReceivedWal;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.Processes;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.spec.Durability;
import io.pgfleet.spec.GroupName;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.testkit.FreePorts;
import io.pgfleet.testkit.TestFolder;
import io.pgfleet.testkit.TestInstallations;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two real servers that are founded, cloned, promoted and rejoined by hand. */
@SuppressWarnings("NullAway.Init") // the servers are made by each test's first line
@Tag("together")
class PostgresNodeServerIT {
  private static final NodeName A = new NodeName("a");
  private static final NodeName B = new NodeName("b");

  private final List<AutoCloseable> opened = new ArrayList<>();
  private GroupSpec group = twoNodes();
  private PostgresNodeServer a;
  private PostgresNodeServer b;
  private Server serverA;
  private Server serverB;

  static Stream<Installation> installations() {
    return TestInstallations.all().stream();
  }

  private static GroupSpec twoNodes() {
    List<Integer> ports = FreePorts.several(2);
    return new GroupSpec(
        new GroupName("main"),
        Durability.QUORUM,
        1,
        List.of(
            new NodeSpec(A, new HostPort("127.0.0.1", ports.get(0)), "local", Optional.empty()),
            new NodeSpec(B, new HostPort("127.0.0.1", ports.get(1)), "local", Optional.empty())));
  }

  private void foundAndClone(Installation installation) throws Exception {
    TestFolder folder = TestFolder.create();
    opened.add(folder);
    ServerUser user = ServerUser.resolve(Optional.empty());
    RolesAndDatabases wanted =
        new RolesAndDatabases(
            new Accounts("super", "replication", "gateway"),
            List.of(new RolesAndDatabases.User("app", false, "secret")),
            List.of(new RolesAndDatabases.Database("app", "app")),
            "create schema pgfleet; create function pgfleet.user_login(text, boolean) returns text"
                + " language sql as 'select null::text'");
    serverA = new Server(installation, folder.path().resolve("a"), user);
    serverB = new Server(installation, folder.path().resolve("b"), user);
    a =
        new PostgresNodeServer(
            new NodePlace(group.nodes().get(0), group, serverA, Map.of(), wanted));
    b =
        new PostgresNodeServer(
            new NodePlace(group.nodes().get(1), group, serverB, Map.of(), wanted));
    a.found(SyncSet.NONE);
    a.keepSlots(Set.of(B), Map.of());
    b.copyFrom(member(A, 1), identifier(), said -> {});
    await(
        () -> b.look(), seen -> seen instanceof LocalServer.Standby standby && standby.receiving());
  }

  private long identifier() {
    return serverA.data().control().systemIdentifier();
  }

  private Member member(NodeName node, int timeline) {
    HostPort address =
        group.nodes().stream()
            .filter(one -> one.name().equals(node))
            .findFirst()
            .orElseThrow()
            .address();
    return new Member(
        node,
        address.host(),
        address.port(),
        Role.PRIMARY,
        new Term(1),
        timeline,
        Optional.empty(),
        "",
        SyncSet.NONE,
        List.of());
  }

  @AfterEach
  void stopEverything() throws Exception {
    for (Server server : Stream.of(serverA, serverB).filter(one -> one != null).toList()) {
      server.stop(StopMode.IMMEDIATE, Duration.ofSeconds(10));
    }
    if (a != null) {
      a.disconnect();
      b.disconnect();
    }
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  /** The postmaster alone takes no new connection, and the old ones go on answering. */
  @Test
  void aServerThatHangsIsSeenAndStopped() throws Exception {
    foundAndClone(TestInstallations.all().getFirst());
    assertThat(a.look()).isInstanceOf(LocalServer.Primary.class);
    long postmaster = ((ServerStatus.Running) serverA.status()).pid();
    Processes.signal(postmaster, "STOP");
    await(a::look, _ -> a.hangs());
    assertThat(a.mayWrite()).isTrue();
    List<ProcessHandle> children = ProcessHandle.of(postmaster).orElseThrow().children().toList();
    assertThat(children).isNotEmpty();
    a.stopAtOnce();
    assertThat(a.look()).isInstanceOf(LocalServer.Stopped.class);
    for (ProcessHandle child : children) {
      child.onExit().get(10, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @MethodSource("installations")
  void aCommitWaitsForTheStandbyThatTheNamesName(Installation installation) throws Exception {
    foundAndClone(installation);
    a.setNames(SyncSet.of(List.of(B), 1));
    await(() -> a.names(), SyncSet.of(List.of(B), 1)::equals);
    await(
        () -> a.replicas(),
        rows -> rows.stream().anyMatch(row -> row.synchronous().equals("quorum")));
    sql(A, "create table kept (i int)");
    List<Replica> replicas = a.replicas();
    assertThat(replicas).extracting(Replica::node).containsExactly(B);
    assertThat(replicas.getFirst().flushed().reaches(a.flushed())).isTrue();
  }

  @ParameterizedTest
  @MethodSource("installations")
  void aSealedStandbyHoldsStillAndATakenBackSealLetsItGoOn(Installation installation)
      throws Exception {
    foundAndClone(installation);
    b.seal(SyncSet.NONE);
    LocalServer.Standby sealed = (LocalServer.Standby) b.look();
    assertThat(sealed.sealed()).isTrue();
    sql(A, "create table later (i int)");
    assertThat(((LocalServer.Standby) b.look()).flushed()).isEqualTo(sealed.flushed());
    assertThat(b.compare(sealed, member(A, 1), member(A, 1))).isEqualTo(new Way.GoOn());
    b.follow(member(A, 1));
    await(() -> sql(B, "select count(*) from pg_class where relname = 'later'"), "1"::equals);
  }

  private void foundAndCloneDelayed(Installation installation) throws Exception {
    NodeSpec first = group.nodes().get(0);
    NodeSpec second = group.nodes().get(1);
    NodeSpec late =
        new NodeSpec(
            B,
            second.address(),
            second.region(),
            second.data(),
            second.checks(),
            second.agent(),
            true,
            true,
            Duration.ofHours(1),
            Optional.empty());
    group = new GroupSpec(group.name(), Durability.ASYNC, 0, List.of(first, late));
    foundAndClone(installation);
  }

  private void writeWhatIsHeld() throws Exception {
    sql(A, "create table held as select generate_series(1, 5000) i");
    Lsn end = Lsn.parse(sql(A, "select pg_current_wal_flush_lsn()"));
    await(
        () -> b.look(),
        seen ->
            seen instanceof LocalServer.Standby standby
                && standby.held()
                && standby.flushed().reaches(end));
  }

  /** It has an hour to wait before it has applied all that it has. */
  @ParameterizedTest
  @MethodSource("installations")
  void aDelayedStandbyIsCutOffAtOnceAndKnowsWhatItHasReceivedAlsoAfterARestart(
      Installation installation) throws Exception {
    foundAndCloneDelayed(installation);
    assertThat(sql(B, "show recovery_min_apply_delay")).isEqualTo("1h");
    assertThat(sql(B, "show hot_standby_feedback")).isEqualTo("off");
    writeWhatIsHeld();
    Lsn received = ((LocalServer.Standby) b.look()).flushed();
    long began = System.nanoTime();
    b.seal(SyncSet.NONE);
    LocalServer.Standby cut = (LocalServer.Standby) b.look();
    assertThat(System.nanoTime() - began).isLessThan(Duration.ofSeconds(60).toNanos());
    assertThat(cut.cutOff()).isTrue();
    assertThat(cut.sealed()).isFalse();
    assertThat(cut.flushed().reaches(received)).isTrue();
    assertThat(b.compare(cut, member(A, 1), member(A, 1))).isEqualTo(new Way.GoOn());

    b.stopCleanly();
    b.startSealed();
    await(b::look, seen -> seen instanceof LocalServer.Standby standby && standby.held());
    LocalServer.Standby again = (LocalServer.Standby) b.look();
    ReceivedWal found =
        ReceivedWal.of(serverB.data().path(), again.timeline(), again.flushed().value());
    assertThat(found.timeline()).isEqualTo(1);
    assertThat(received.value() - found.end()).isLessThan(8192);
    assertThat(b.compare(again, member(A, 1), member(A, 1))).isEqualTo(new Way.GoOn());
    b.follow(member(A, 1));
    // It looks up for a moment to read its new settings.
    await(b::look, seen -> seen instanceof LocalServer.Standby standby && standby.held());
    assertThat(sql(B, "select count(*) from pg_class where relname = 'held'")).isEqualTo("0");
  }

  @ParameterizedTest
  @MethodSource("installations")
  void aDelayedStandbyThatHasReceivedTooMuchIsFoundOutBeforeItAppliesThat(Installation installation)
      throws Exception {
    foundAndCloneDelayed(installation);
    serverA.stop(StopMode.FAST, Duration.ofSeconds(10));
    copy("a", "before");
    a.startPrimary(SyncSet.NONE);
    writeWhatIsHeld();
    serverA.stop(StopMode.IMMEDIATE, Duration.ofSeconds(10));
    FileTrees.delete(serverA.data().path());
    copy("before", "a");
    a.startSealed();
    a.seal(SyncSet.NONE);
    a.promote(SyncSet.NONE);
    b.seal(SyncSet.NONE);
    assertThat(b.compare((LocalServer.Standby) b.look(), member(A, 2), member(A, 2)))
        .isInstanceOf(Way.Rewind.class);
    b.stopCleanly();
    b.startSealed();
    await(b::look, seen -> seen instanceof LocalServer.Standby standby && standby.held());
    assertThat(b.compare((LocalServer.Standby) b.look(), member(A, 2), member(A, 2)))
        .isInstanceOf(Way.Rewind.class);
  }

  @ParameterizedTest
  @MethodSource("installations")
  void aStandbyHoldsWhatADelayedNodeLacksUntilItHasIt(Installation installation) throws Exception {
    foundAndClone(installation);
    NodeName late = new NodeName("late");
    b.keepSlots(Set.of(A, late), Map.of());
    assertThat(slots()).isEqualTo("pgfleet_a:-,pgfleet_late:-");
    b.keepSlots(Set.of(A, late), Map.of(late, Lsn.ZERO));
    String held = slots();
    assertThat(held).startsWith("pgfleet_a:-,pgfleet_late:0/");
    sql(A, "create table more as select generate_series(1, 5000) i");
    await(() -> sql(B, "select count(*) from pg_class where relname = 'more'"), "1"::equals);
    b.keepSlots(Set.of(A, late), Map.of(late, Lsn.ZERO));
    assertThat(slots()).isEqualTo(held);
    Lsn end = Lsn.parse(sql(B, "select pg_last_wal_replay_lsn()"));
    b.keepSlots(Set.of(A, late), Map.of(late, end));
    assertThat(slots()).isEqualTo("pgfleet_a:-,pgfleet_late:" + end);
    b.keepSlots(Set.of(A, late), Map.of(late, new Lsn(1)));
    assertThat(slots()).isEqualTo("pgfleet_a:-,pgfleet_late:" + end);
    b.seal(SyncSet.NONE);
    b.promote(SyncSet.NONE);
    b.makeSlots(Set.of(A, late));
    b.keepSlots(Set.of(A, late), Map.of());
    assertThat(sql(B, "select restart_lsn from pg_replication_slots where slot_name like '%late'"))
        .isEqualTo(end.toString());
  }

  private String slots() throws Exception {
    return sql(
        B,
        "select string_agg(slot_name || ':' || coalesce(restart_lsn::text, '-'), ',' order by"
            + " slot_name) from pg_replication_slots");
  }

  private void copy(String from, String to) throws Exception {
    Path data = serverA.data().path();
    Process copying =
        new ProcessBuilder(
                "cp",
                "-a",
                data.resolveSibling(from).toString(),
                data.resolveSibling(to).toString())
            .inheritIO()
            .start();
    assertThat(copying.waitFor()).isZero();
  }

  @ParameterizedTest
  @MethodSource("installations")
  void aPromotedStandbyLeadsAndTheOldPrimaryWithNothingMoreFollowsAsItIs(Installation installation)
      throws Exception {
    foundAndClone(installation);
    sql(A, "create table kept as select generate_series(1, 1000) i");
    a.prepareToStop();
    a.stopCleanly();
    promoteB();
    a.startSealed();
    LocalServer.Standby old = (LocalServer.Standby) a.look();
    assertThat(a.compare(old, member(B, 2), member(B, 2))).isEqualTo(new Way.GoOn());
    a.follow(member(B, 2));
    sql(B, "insert into kept values (1001)");
    await(() -> sql(A, "select count(*) from kept"), "1001"::equals);
  }

  private void promoteB() throws Exception {
    b.seal(SyncSet.NONE);
    b.promote(SyncSet.NONE);
    b.keepSlots(Set.of(A), Map.of());
    LocalServer.Primary promoted = (LocalServer.Primary) b.look();
    assertThat(promoted.timeline()).isEqualTo(2);
  }

  @ParameterizedTest
  @MethodSource("installations")
  void commitsWaitForTheNamesOfThePromotionWhateverItWasSealedWith(Installation installation)
      throws Exception {
    foundAndClone(installation);
    SyncSet first = SyncSet.of(List.of(A), 1);
    b.seal(first);
    b.seal(SyncSet.NONE);
    b.promote(first);
    assertThat(b.names()).isEqualTo(first);
    serverB.stop(StopMode.IMMEDIATE, Duration.ofSeconds(10));
    b.copyFrom(member(A, 1), identifier(), said -> {});
    b.seal(first);
    b.promote(first);
    assertThat(b.names()).isEqualTo(first);
  }

  @ParameterizedTest
  @MethodSource("installations")
  void anOldPrimaryWithWalThatNobodyElseHasLosesItAndFollows(Installation installation)
      throws Exception {
    foundAndClone(installation);
    sql(A, "create table kept as select generate_series(1, 1000) i");
    await(() -> sql(B, "select count(*) from pg_class where relname = 'kept'"), "1"::equals);
    b.seal(SyncSet.NONE);
    sql(A, "insert into kept select -1 from generate_series(1, 5000)");
    promoteB();
    sql(B, "insert into kept values (1001)");
    serverA.stop(StopMode.IMMEDIATE, Duration.ofSeconds(10));
    a.startSealed();
    LocalServer.Standby old = (LocalServer.Standby) a.look();
    assertThat(a.compare(old, member(B, 2), member(B, 2))).isInstanceOf(Way.Rewind.class);
    a.rewind(member(B, 2), identifier(), said -> {});
    await(
        () -> sql(A, "select count(*) filter (where i > 0) || ' ' || count(*) from kept"),
        "1001 1001"::equals);
    sql(B, "insert into kept values (1002)");
    await(() -> sql(A, "select max(i) from kept"), "1002"::equals);
  }

  @ParameterizedTest
  @MethodSource("installations")
  void aStandbyThatSomebodyPromotedIsMadeAnew(Installation installation) throws Exception {
    foundAndClone(installation);
    b.seal(SyncSet.NONE);
    b.promote(SyncSet.NONE);
    sql(B, "create table astray (i int)");
    serverB.stop(StopMode.FAST, Duration.ofSeconds(10));
    b.startSealed();
    LocalServer.Standby astray = (LocalServer.Standby) b.look();
    assertThat(b.compare(astray, member(A, 1), member(A, 1))).isInstanceOf(Way.MakeAnew.class);
    b.copyFrom(member(A, 1), identifier(), said -> {});
    await(
        () -> b.look(), seen -> seen instanceof LocalServer.Standby standby && standby.receiving());
    assertThat(sql(B, "select count(*) from pg_class where relname = 'astray'")).isEqualTo("0");
    assertThat(FileTrees.sibling(serverB.data().path(), ".replaced")).doesNotExist();
  }

  @ParameterizedTest
  @MethodSource("installations")
  void aStandbyWhoseWalIsGoneFromThePrimaryIsMadeAnew(Installation installation) throws Exception {
    foundAndClone(installation);
    b.seal(SyncSet.NONE);
    LocalServer.Standby sealed = (LocalServer.Standby) b.look();
    await(
        () -> {
          // the primary's walsender may hold the slot for a moment longer
          a.keepSlots(Set.of(), Map.of());
          return sql(A, "select count(*) from pg_replication_slots");
        },
        "0"::equals);
    for (int i = 0; i < 3; i++) {
      sql(A, "select pg_switch_wal()");
      sql(A, "create table filler" + i + " as select generate_series(1, 1000) i");
      sql(A, "checkpoint");
    }
    assertThat(b.compare(sealed, member(A, 1), member(A, 1))).isInstanceOf(Way.MakeAnew.class);
  }

  @ParameterizedTest
  @MethodSource("installations")
  void aKilledPrimaryIsSeenAtOnceAndStartsAgainInItsPlace(Installation installation)
      throws Exception {
    foundAndClone(installation);
    var gone = new java.util.concurrent.CountDownLatch(1);
    serverB.stop(StopMode.FAST, Duration.ofSeconds(10));
    a.disconnect();
    a.onGone(gone::countDown);
    assertThat(a.look()).isInstanceOf(LocalServer.Primary.class);
    assertThat(a.mayWrite()).isTrue();
    Processes.signal(serverA.data().postmasterPid().orElseThrow().pid(), "KILL");
    gone.await();
    await(() -> a.look(), seen -> seen instanceof LocalServer.Stopped);
    assertThat(a.mayWrite()).isFalse();
    a.startPrimary(SyncSet.NONE);
    assertThat(a.look()).isInstanceOf(LocalServer.Primary.class);
  }

  @ParameterizedTest
  @MethodSource("installations")
  void anInterruptedRewindLeavesDataThatIsNeverStarted(Installation installation) throws Exception {
    foundAndClone(installation);
    serverB.stop(StopMode.FAST, Duration.ofSeconds(10));
    Files.createFile(FileTrees.sibling(serverB.data().path(), ".incomplete"));
    assertThat(b.look()).isInstanceOf(LocalServer.Absent.class);
    b.copyFrom(member(A, 1), identifier(), said -> {});
    await(
        () -> b.look(), seen -> seen instanceof LocalServer.Standby standby && standby.receiving());
  }

  private String sql(NodeName node, String statement) throws IOException, PostgresException {
    NodePlace place =
        new NodePlace(
            group.nodes().stream().filter(one -> one.name().equals(node)).findFirst().orElseThrow(),
            group,
            serverA,
            Map.of(),
            new RolesAndDatabases(new Accounts("super", "", ""), List.of(), List.of(), ""));
    try (Connection connection = Connection.open(place.ownSession())) {
      var answer = connection.query(statement).getLast();
      return answer.rows().isEmpty() ? answer.tag() : String.valueOf(answer.single());
    }
  }

  private static <T> void await(Callable<T> look, Predicate<? super T> wanted) throws Exception {
    Object last = null;
    for (int i = 0; i < 600; i++) {
      try {
        T seen = look.call();
        last = seen;
        if (wanted.test(seen)) {
          return;
        }
      } catch (NodeServerException | PostgresException | IOException e) {
        last = e;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("not within 30 s; last seen: " + last);
  }
}
