package io.pgfleet.spec;

import io.pgfleet.spec.setting.Choice;
import io.pgfleet.spec.setting.FilePath;
import io.pgfleet.spec.setting.Flag;
import io.pgfleet.spec.setting.Items;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Text;
import io.pgfleet.spec.setting.Values;
import io.pgfleet.spec.setting.Whole;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The section {@code gateway}. */
final class GatewayKeys {
  static final Setting<Boolean> RUN =
      Setting.withDefault(
          "run",
          new Flag(),
          "true",
          "Whether `pgfleet up` runs a gateway itself; if not, `pgfleet gateway` runs it.");
  static final Setting<String> HOST =
      Setting.withDefault(
          "host",
          Forms.HOST,
          "127.0.0.1",
          "The address where the gateway listens for applications; `0.0.0.0` for every IPv4"
              + " address of its host.");
  static final Setting<Integer> PORT =
      Setting.withDefault(
          "port", Forms.PORT, "6432", "The port where the gateway listens for applications.");
  static final Setting<Path> UNIX_SOCKET_DIR =
      Setting.optional(
          "unix_socket_dir",
          new FilePath("a folder", false),
          "no Unix-domain socket",
          "The folder of a Unix-domain socket `.s.PGSQL.<port>`, on which the gateway listens as"
              + " well.");
  static final Setting<String> UNIX_SOCKET_MODE =
      Setting.withDefault(
          "unix_socket_mode",
          new Text(
              "a file mode", "0[0-7]{3}", "write four octal digits in quotes, such as \"0770\""),
          "'0777'",
          "The permissions of the Unix-domain socket.");
  static final Setting<Integer> LOOPS =
      Setting.withDefault(
          "loops",
          new Whole("a number of event loops", 1, 256),
          "1",
          "How many event loops serve the clients; more than one only pays on many cores.");
  static final Setting<PoolMode> POOL_MODE =
      Setting.withDefault(
          "pool_mode",
          new Choice<>(poolModes()),
          "transaction",
          "For how long a client keeps a server connection: for a `transaction`, for its"
              + " `session`, or for a `statement`.");
  static final Setting<List<String>> ADMIN_USERS =
      Setting.withDefault(
          "admin_users",
          new Items<>("a list of user names", Forms.ROLE),
          "[]",
          "Users who may run every command of the administration database `pgbouncer`.");
  static final Setting<List<String>> STATS_USERS =
      Setting.withDefault(
          "stats_users",
          new Items<>("a list of user names", Forms.ROLE),
          "[]",
          "Users who may run what only shows something in the administration database.");
  static final Setting<List<String>> ASYNC_COMMIT_USERS =
      Setting.withDefault(
          "async_commit_users",
          new Items<>("a list of user names", Forms.ROLE),
          "[]",
          "Users who may lower `synchronous_commit` for themselves although the group's durability"
              + " is `quorum` or `strict`; what they commit then may be lost in a failover.");
  static final Section SECTION =
      new Section("a mapping of keys such as port and pool_mode", settings(), new Section.Free());

  private GatewayKeys() {}

  private static List<Setting<?>> settings() {
    List<Setting<?>> all =
        new ArrayList<>(
            List.of(RUN, HOST, PORT, UNIX_SOCKET_DIR, UNIX_SOCKET_MODE, LOOPS, POOL_MODE));
    all.addAll(GatewayLimitKeys.SETTINGS);
    all.addAll(GatewayTimeKeys.SETTINGS);
    all.addAll(GatewayConnectionKeys.SETTINGS);
    all.addAll(List.of(GatewayAuthKeys.AUTH, GatewayReadKeys.READS));
    all.addAll(GatewayOverrideKeys.SETTINGS);
    all.addAll(List.of(ADMIN_USERS, STATS_USERS, ASYNC_COMMIT_USERS));
    all.addAll(GatewayReportKeys.SETTINGS);
    return all;
  }

  static GatewaySpec record(Values values) {
    return new GatewaySpec(
        values.get(RUN),
        new HostPort(values.get(HOST), values.get(PORT)),
        values.find(UNIX_SOCKET_DIR),
        Integer.parseInt(values.get(UNIX_SOCKET_MODE), 8),
        values.get(LOOPS),
        values.get(POOL_MODE),
        GatewayLimitKeys.record(values),
        GatewayTimeKeys.record(values),
        GatewayConnectionKeys.keepalive(values),
        GatewayConnectionKeys.proxies(values),
        GatewayConnectionKeys.clientTls(values),
        GatewayConnectionKeys.serverTls(values),
        GatewayAuthKeys.record(values),
        GatewayReadKeys.record(values),
        GatewayOverrideKeys.databases(values),
        GatewayOverrideKeys.users(values),
        values.get(ADMIN_USERS),
        values.get(STATS_USERS),
        values.get(ASYNC_COMMIT_USERS),
        GatewayReportKeys.metrics(values),
        GatewayReportKeys.log(values));
  }

  static Map<String, PoolMode> poolModes() {
    Map<String, PoolMode> words = new LinkedHashMap<>();
    words.put("transaction", PoolMode.TRANSACTION);
    words.put("session", PoolMode.SESSION);
    words.put("statement", PoolMode.STATEMENT);
    return words;
  }
}
