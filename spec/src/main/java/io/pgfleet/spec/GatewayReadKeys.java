package io.pgfleet.spec;

import io.pgfleet.spec.setting.Choice;
import io.pgfleet.spec.setting.Items;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Size;
import io.pgfleet.spec.setting.Text;
import io.pgfleet.spec.setting.Time;
import io.pgfleet.spec.setting.Values;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The section {@code gateway.reads}. */
final class GatewayReadKeys {
  static final Setting<GatewaySpec.ReadMode> MODE =
      Setting.withDefault(
          "mode",
          new Choice<>(modes()),
          "automatic",
          "Whether statements that only read may run on standbys.");
  static final Setting<Duration> MAX_LAG =
      Setting.withDefault(
          "max_lag",
          new Time(Duration.ofMillis(1), Duration.ofDays(1)),
          "1s",
          "How far behind in time a standby may be that answers reads.");
  static final Setting<Long> MAX_LAG_BYTES =
      Setting.withDefault(
          "max_lag_bytes",
          new Size(1, 1L << 40),
          "16MB",
          "How far behind in write-ahead log a standby may be that answers reads.");
  static final Setting<GatewaySpec.OwnWrites> READ_YOUR_WRITES =
      Setting.withDefault(
          "read_your_writes",
          new Choice<>(ownWrites()),
          "session",
          "Whose earlier writes a read is certain to see: the same connection's, all connections'"
              + " of the same user, or nobody's.");
  static final Setting<GatewaySpec.AllBehind> ALL_BEHIND =
      Setting.withDefault(
          "all_behind",
          new Choice<>(allBehind()),
          "primary",
          "What a read does when no standby is near enough: go to the primary, wait for one, or"
              + " fail.");
  static final Setting<String> REGION =
      Setting.optional(
          "region",
          NodeKeys.REGION.kind(),
          "standbys of all regions are equal",
          "The region of the gateway; standbys with the same `region` answer first.");
  static final Setting<List<String>> READ_FUNCTIONS =
      Setting.withDefault(
          "read_functions",
          new Items<>(
              "a list of function names",
              new Text(
                  "the name of a function",
                  "[^\\u0000-\\u0020();'\"]{1,127}",
                  "write the name alone, with its schema if calls have it, such as"
                      + " report.totals")),
          "[]",
          "Functions of yours that only read, so that statements calling them may run on a"
              + " standby.");
  static final Setting<Values> READS =
      Setting.section(
          "reads",
          Section.of(
              "a mapping of keys such as mode and max_lag",
              MODE,
              MAX_LAG,
              MAX_LAG_BYTES,
              READ_YOUR_WRITES,
              ALL_BEHIND,
              REGION,
              READ_FUNCTIONS),
          "Which statements standbys answer.");

  private GatewayReadKeys() {}

  static GatewaySpec.Reads record(Values values) {
    Values reads = values.get(READS);
    return new GatewaySpec.Reads(
        reads.get(MODE),
        reads.get(MAX_LAG),
        reads.get(MAX_LAG_BYTES),
        reads.get(READ_YOUR_WRITES),
        reads.get(ALL_BEHIND),
        reads.find(REGION),
        reads.get(READ_FUNCTIONS));
  }

  static Map<String, GatewaySpec.ReadMode> modes() {
    Map<String, GatewaySpec.ReadMode> words = new LinkedHashMap<>();
    words.put("automatic", GatewaySpec.ReadMode.AUTOMATIC);
    words.put("off", GatewaySpec.ReadMode.OFF);
    return words;
  }

  private static Map<String, GatewaySpec.OwnWrites> ownWrites() {
    Map<String, GatewaySpec.OwnWrites> words = new LinkedHashMap<>();
    words.put("session", GatewaySpec.OwnWrites.SESSION);
    words.put("user", GatewaySpec.OwnWrites.USER);
    words.put("off", GatewaySpec.OwnWrites.OFF);
    return words;
  }

  private static Map<String, GatewaySpec.AllBehind> allBehind() {
    Map<String, GatewaySpec.AllBehind> words = new LinkedHashMap<>();
    words.put("primary", GatewaySpec.AllBehind.PRIMARY);
    words.put("wait", GatewaySpec.AllBehind.WAIT);
    words.put("error", GatewaySpec.AllBehind.ERROR);
    return words;
  }
}
