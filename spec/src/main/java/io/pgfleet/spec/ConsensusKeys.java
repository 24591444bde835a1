package io.pgfleet.spec;

import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Time;
import io.pgfleet.spec.setting.Values;
import java.time.Duration;

/** The section {@code consensus}. */
final class ConsensusKeys {
  static final Setting<String> HOST =
      Setting.withDefault("host", Forms.HOST, "127.0.0.1", "The host of the fleet's agreed state.");
  static final Setting<Integer> PORT =
      Setting.withDefault("port", Forms.PORT, "6480", "The port of the fleet's agreed state.");
  static final Setting<Duration> LEASE =
      Setting.withDefault(
          "lease",
          new Time(Duration.ofSeconds(2), Duration.ofSeconds(60)),
          "10s",
          "How long a primary's lease lives without renewal, and so how long a silent host delays"
              + " a failover.");
  static final Section SECTION =
      Section.of("a mapping of the keys host, port and lease", HOST, PORT, LEASE);

  private ConsensusKeys() {}

  static ConsensusSpec record(Values values) {
    return new ConsensusSpec(new HostPort(values.get(HOST), values.get(PORT)), values.get(LEASE));
  }
}
