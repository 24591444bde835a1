package io.pgfleet.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Whole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FleetFileTest {
  private static final NodeSpec NEVER =
      new NodeSpec(
          new NodeName("d"),
          new HostPort("127.0.0.1", 5444),
          "local",
          Optional.empty(),
          Optional.empty(),
          new HostPort("127.0.0.1", 7444),
          true,
          true);

  private static final NodeSpec LATE =
      new NodeSpec(
          new NodeName("e"),
          new HostPort("127.0.0.1", 5445),
          "local",
          Optional.empty(),
          Optional.empty(),
          new HostPort("127.0.0.1", 7445),
          true,
          true,
          Duration.ofMinutes(90),
          Optional.empty(),
          new WatchdogSpec(WatchdogSpec.Mode.REQUIRED, Path.of("/dev/watchdog1")));

  private static final NodeSpec BEHIND =
      new NodeSpec(
          new NodeName("f"),
          new HostPort("127.0.0.1", 5446),
          "local",
          Optional.empty(),
          Optional.empty(),
          new HostPort("127.0.0.1", 7446),
          true,
          false,
          Duration.ZERO,
          Optional.of(new NodeName("b")));

  /** What {@code full.yaml}, whose commits wait for standbys, can't have. */
  private static final String ASYNC =
      "groups: { main: { durability: async, max_lag_on_failover: 64kB } }";

  private static final BackupSpec.Keep EVERYTHING =
      new BackupSpec.Keep(Optional.empty(), Optional.empty(), Optional.empty());

  @TempDir Path folder = Path.of("");

  private FleetSpec parse(String text) throws SpecException {
    return FleetFile.parse(text, folder.resolve("fleet.yaml"));
  }

  @Test
  void noFileMeansOneGroupOfThreeNodes() {
    assertThat(FleetFile.defaults())
        .isEqualTo(
            new FleetSpec(
                new FleetName("local"),
                Optional.empty(),
                Optional.empty(),
                new PostgresSpec(new PostgresSpec.Embedded(18), Map.of()),
                List.of(
                    new GroupSpec(
                        new GroupName("main"),
                        Durability.QUORUM,
                        1,
                        List.of(node("n1", 5441), node("n2", 5442), node("n3", 5443)))),
                GatewaySamples.DEFAULTS,
                new ConsensusSpec(
                    new ConsensusSpec.Alone(new HostPort("127.0.0.1", 6480)),
                    Duration.ofSeconds(10)),
                BackupSpec.NONE,
                List.of(new UserSpec("app", false, new PasswordSource.Generated())),
                List.of(new DatabaseSpec("app", "app", List.of()))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# nothing yet\n",
        "---\n",
        "{}",
        "fleet: local",
        "groups:\n  main:\n",
        "groups: { main: { nodes: 3 } }",
        "postgres:\ngroups:\ngateway:\nconsensus:\nusers:\ndatabases:\n",
        "\uFEFFfleet: local\r\nusers: # none yet\r\n"
      })
  void whatIsLeftOutOrEmptyIsTheDefault(String text) throws SpecException {
    assertThat(parse(text)).isEqualTo(FleetFile.defaults());
  }

  @Test
  void everySettingReachesItsRecord() throws SpecException, IOException {
    Samples.makeFiles(folder);
    FleetSpec fleet = parse(Samples.text("full.yaml"));
    assertThat(fleet.name()).isEqualTo(new FleetName("everything"));
    assertThat(fleet.data()).contains(folder.resolve("all"));
    assertThat(fleet.runAs()).contains("pg");
    assertThat(fleet.postgres().source())
        .isEqualTo(new PostgresSpec.Installed(folder.resolve("pg17")));
    assertThat(fleet.postgres().settings())
        .containsExactly(
            Map.entry("shared_buffers", "256MB"),
            Map.entry("max_connections", "200"),
            Map.entry("random_page_cost", "1.1"),
            Map.entry("fsync", "true"),
            Map.entry("log_line_prefix", "%m "),
            Map.entry("pg_stat_statements.max", "500"));
    assertThat(fleet.groups())
        .containsExactly(
            new GroupSpec(
                new GroupName("west"),
                Durability.QUORUM,
                2,
                List.of(
                    new NodeSpec(
                        new NodeName("a"),
                        new HostPort("db1.example.org", 7001),
                        "eu",
                        Optional.of(Path.of("/srv/a")),
                        Optional.of(new HostPort("10.0.0.7", 8008)),
                        new HostPort("10.0.0.8", 7432),
                        false,
                        false),
                    node("b", 5442),
                    new NodeSpec(
                        new NodeName("c"),
                        new HostPort("fd00::5", 5443),
                        "local",
                        Optional.empty()),
                    NEVER,
                    LATE,
                    BEHIND)));
    assertThat(fleet.gateway()).isEqualTo(GatewaySamples.full(folder));
    assertThat(fleet.consensus())
        .isEqualTo(
            new ConsensusSpec(
                new ConsensusSpec.Alone(new HostPort("10.0.0.9", 7200)), Duration.ofSeconds(9)));
    assertThat(fleet.backup()).isEqualTo(everyBackupSetting());
    assertThat(fleet.users())
        .containsExactly(
            new UserSpec("first", false, new PasswordSource.FromEnvironment("FIRST")),
            new UserSpec("second", true, new PasswordSource.FromFile(folder.resolve("secret.txt"))),
            new UserSpec("third", false, new PasswordSource.Generated()));
    assertThat(fleet.databases())
        .containsExactly(
            new DatabaseSpec(
                "one", "first", List.of(folder.resolve("one.sql"), folder.resolve("sub/two.sql"))),
            new DatabaseSpec("two", "third", List.of()));
  }

  @Test
  void everySettingThatExcludesOneOfThoseReachesItsRecord() throws Exception {
    Samples.makeFiles(folder);
    assertThat(parse(Samples.text("full-members.yaml")).consensus().servers())
        .isEqualTo(
            new ConsensusSpec.Ensemble(
                List.of(
                    new ConsensusMember(
                        new NodeName("n1"), 1, false, new HostPort("10.0.0.1", 6480), 6481, 6482),
                    new ConsensusMember(
                        new NodeName("n2"), 2, false, new HostPort("db2", 7480), 7481, 7482),
                    new ConsensusMember(
                        new NodeName("w1"), 3, true, new HostPort("fd00::3", 6480), 6481, 6482))));
    assertThat(parse(Samples.text("full-servers.yaml")).consensus().servers())
        .isEqualTo(
            new ConsensusSpec.External(
                "zk1:2181,[fd00::2]:2181",
                Optional.of(
                    new ConsensusSpec.Tls(
                        Optional.of(folder.resolve("ca.crt")),
                        Optional.of(
                            new ConsensusSpec.Identity(
                                folder.resolve("gw.crt"), folder.resolve("gw.key")))))));
    assertThat(parse("consensus: { servers: 'zk1:2181' }").consensus().servers())
        .isEqualTo(new ConsensusSpec.External("zk1:2181", Optional.empty()));
  }

  private BackupSpec everyBackupSetting() {
    return new BackupSpec(
        List.of(
            new BackupSpec.Repository(
                "near",
                new BackupSpec.Folder(Path.of("/srv/backup")),
                new BackupSpec.Keep(
                    Optional.of(5),
                    Optional.of(Duration.ofDays(20)),
                    Optional.of(Duration.ofDays(14))),
                true),
            new BackupSpec.Repository(
                "far",
                new BackupSpec.Bucket(
                    "acme-backups",
                    "eu-central-1",
                    Optional.of("https://s3.example.org:9000"),
                    "pg/west",
                    Optional.of(
                        new BackupSpec.Login(
                            "AK1", new PasswordSource.FromFile(folder.resolve("s3.secret"))))),
                EVERYTHING,
                false),
            new BackupSpec.Repository(
                "away",
                new BackupSpec.Bucket(
                    "other",
                    "us-east-1",
                    Optional.empty(),
                    "",
                    Optional.of(
                        new BackupSpec.Login("AK2", new PasswordSource.FromEnvironment("AWAY")))),
                EVERYTHING,
                false)),
        Optional.of(new BackupSpec.KeySource.FromFile(folder.resolve("backup.key"))),
        Duration.ofDays(2),
        Optional.of(LocalTime.of(2, 30)),
        Duration.ofDays(3),
        Duration.ofSeconds(3),
        Optional.of("near"),
        BackupSpec.Wal.STREAM,
        new BackupSpec.Drill(
            Duration.ofDays(30),
            Optional.of(LocalTime.of(4, 5)),
            Optional.of(Path.of("/srv/drills")),
            false,
            List.of(new BackupSpec.Check("has_cards", "one", "select count(*) > 0 from card"))));
  }

  @Test
  void walIsStreamedUnlessItIsToBeHandedOver() throws Exception {
    assertThat(parse("backup: { repositories: { near: { folder: /b } } }").backup().wal())
        .isEqualTo(BackupSpec.Wal.STREAM);
    Samples.makeFiles(folder);
    assertThat(parse(Samples.text("full-members.yaml")).backup().wal())
        .isEqualTo(BackupSpec.Wal.ARCHIVE_COMMAND);
  }

  @Test
  void theKeyOfBackupsComesFromOnePlace() throws Exception {
    Samples.makeFiles(folder);
    assertThat(parse(Samples.text("full-members.yaml")).backup().key())
        .contains(new BackupSpec.KeySource.FromEnvironment("BACKUP_KEY"));
    assertThat(parse(Samples.text("full-servers.yaml")).backup().key())
        .contains(new BackupSpec.KeySource.FromCommand("vault read -field=key secret/backup"));
  }

  @Test
  void agentsAndGatewaysKnowEveryServerOfTheAgreedState() throws SpecException {
    assertThat(FleetFile.defaults().consensus().servers().connect()).isEqualTo("127.0.0.1:6480");
    assertThat(parse(Samples.text("full-members.yaml")).consensus().servers().connect())
        .isEqualTo("10.0.0.1:6480,db2:7480,[fd00::3]:6480");
  }

  @Test
  void theTestsAboveKnowEverySetting() {
    List<@Nullable Object> files = new ArrayList<>();
    for (String name : List.of("full.yaml", "full-members.yaml", "full-servers.yaml")) {
      files.add(Samples.plain(Samples.text(name)));
    }
    files.add(Samples.plain(ASYNC));
    List<String> untested = new ArrayList<>();
    for (Samples.Located located : Samples.settings()) {
      Setting<?> setting = located.setting();
      boolean singleValue = setting.kind() instanceof Whole(String _, int a, int b) && a == b;
      List<@Nullable Object> values = new ArrayList<>();
      for (Object file : files) {
        values.addAll(find(file, List.of(located.path().split("\\."))));
      }
      boolean tested =
          setting.absence() instanceof Setting.Default(String yaml)
              ? values.stream().anyMatch(value -> !value(yaml).equals(value))
              : !values.isEmpty();
      if (!tested && !singleValue) {
        untested.add(located.path());
      }
    }
    assertThat(untested)
        .as("settings to give in full.yaml, not with their default, and to expect above")
        .isEmpty();
  }

  @Test
  void aGroupOfOneNodeNeedsNoStandby() throws SpecException {
    GroupSpec group = parse("groups: { main: { nodes: 1 } }").groups().getFirst();
    assertThat(group.durability()).isEqualTo(Durability.ASYNC);
    assertThat(group.synchronous()).isZero();
  }

  @Test
  void asyncHasNoSynchronousStandbys() throws SpecException {
    GroupSpec group = parse("groups: { main: { durability: async } }").groups().getFirst();
    assertThat(group.durability()).isEqualTo(Durability.ASYNC);
    assertThat(group.synchronous()).isZero();
    assertThat(group.maxLagOnFailover()).isEqualTo(1 << 20);
    assertThat(group.nodes()).hasSize(3);
  }

  @Test
  void asyncBoundsWhatAPromotedStandbyMayLack() throws SpecException {
    assertThat(parse(ASYNC).groups().getFirst().maxLagOnFailover()).isEqualTo(64 << 10);
    assertThat(
            parse("groups: { main: { durability: async, max_lag_on_failover: 0B } }")
                .groups()
                .getFirst()
                .maxLagOnFailover())
        .isZero();
  }

  @Test
  void strictCountsItsStandbysLikeQuorum() throws SpecException {
    GroupSpec group = parse("groups: { main: { durability: strict } }").groups().getFirst();
    assertThat(group.durability()).isEqualTo(Durability.STRICT);
    assertThat(group.synchronous()).isEqualTo(1);
    assertThat(
            parse("groups: { main: { durability: strict, synchronous: 2 } }")
                .groups()
                .getFirst()
                .synchronous())
        .isEqualTo(2);
  }

  @Test
  void usersWithoutDatabasesAreFine() throws SpecException {
    FleetSpec fleet = parse("users: { someone: {} }");
    assertThat(fleet.users()).extracting(UserSpec::name).containsExactly("someone");
    assertThat(fleet.databases()).isEmpty();
  }

  @Test
  void onePortServesTwoHosts() throws SpecException {
    assertThat(parse("groups: {g: {nodes: {a: {host: x, port: 1}, b: {host: y, port: 1}}}}"))
        .extracting(fleet -> fleet.groups().getFirst().nodes())
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.list(NodeSpec.class))
        .extracting(n -> n.address().toString())
        .containsExactly("x:1", "y:1");
  }

  @Test
  void aPasswordsFileAndVariableAreNotLookedAt() throws SpecException {
    assertThat(parse("users: {a: {password: {file: nowhere}}, b: {password: {env: NO_SUCH}}}"))
        .extracting(fleet -> fleet.users().size())
        .isEqualTo(2);
  }

  @Test
  void aFileIsLoadedFromItsPath() throws SpecException, IOException {
    Path file = Files.writeString(folder.resolve("fleet.yaml"), "fleet: mine\ndata: d\n");
    assertThat(FleetFile.load(file).name()).isEqualTo(new FleetName("mine"));
    assertThat(FleetFile.load(file).data()).contains(folder.resolve("d"));
  }

  @Test
  void whatIsNoReadableFileIsSaidInOneSentence() throws IOException {
    Path missing = folder.resolve("fleet.yml");
    assertThatThrownBy(() -> FleetFile.load(missing))
        .isInstanceOf(SpecException.class)
        .hasMessageStartingWith(missing + ": no such file\n");
    assertThatThrownBy(() -> FleetFile.load(folder))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("this is a folder");
    Path latin = Files.write(folder.resolve("latin"), new byte[] {'a', ':', ' ', (byte) 0xe4});
    assertThatThrownBy(() -> FleetFile.load(latin))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("not UTF-8");
    Path large = Files.write(folder.resolve("large"), new byte[(1 << 20) + 1]);
    assertThatThrownBy(() -> FleetFile.load(large))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("larger than 1 MiB");
  }

  private static NodeSpec node(String name, int port) {
    return new NodeSpec(
        new NodeName(name), new HostPort("127.0.0.1", port), "local", Optional.empty());
  }

  private static Object value(String yaml) {
    Object value = Samples.plain(yaml);
    return value == null ? "" : value;
  }

  /** The values under a path of keys, {@code NAME} standing for any key. */
  private static List<@Nullable Object> find(@Nullable Object tree, List<String> path) {
    if (path.isEmpty()) {
      List<@Nullable Object> found = new ArrayList<>();
      found.add(tree);
      return found;
    }
    if (!(tree instanceof Map<?, ?> map)) {
      return List.of();
    }
    List<@Nullable Object> found = new ArrayList<>();
    map.forEach((key, value) -> {
      if (path.getFirst().equals("NAME") || path.getFirst().equals(key)) {
        found.addAll(find(value, path.subList(1, path.size())));
      }
    });
    return found;
  }
}
