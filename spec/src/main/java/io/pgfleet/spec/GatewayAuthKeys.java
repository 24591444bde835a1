package io.pgfleet.spec;

import io.pgfleet.spec.setting.Choice;
import io.pgfleet.spec.setting.FilePath;
import io.pgfleet.spec.setting.Items;
import io.pgfleet.spec.setting.OrWord;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Time;
import io.pgfleet.spec.setting.Values;
import io.pgfleet.spec.setting.Whole;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The section {@code gateway.auth}. */
final class GatewayAuthKeys {
  static final Setting<Path> HBA =
      Setting.optional(
          "hba",
          new FilePath("a file", true),
          "everybody proves a password",
          "Rules who may connect from where and how, in the syntax of PostgreSQL's pg_hba.conf.");
  static final Setting<Path> IDENT =
      Setting.optional(
          "ident",
          new FilePath("a file", true),
          "names are taken as they are",
          "Maps of system and certificate names to users, in the syntax of pg_ident.conf.");
  static final Setting<List<GatewaySpec.PasswordHash>> PASSWORD_HASHES =
      Setting.withDefault(
          "password_hashes",
          new Items<>("a list of scram-sha-256 and md5", new Choice<>(hashes())),
          "[scram-sha-256]",
          "The stored passwords that may be proved. The weak `md5` only if it stands here.");
  static final Setting<Integer> MAX_FAILED_LOGINS =
      Setting.withDefault(
          "max_failed_logins",
          new OrWord<>(new Whole("a number of logins", 1, 100_000), "unlimited", 0),
          "20",
          "After how many failed logins within `failed_login_window` an address is refused.");
  static final Setting<Duration> FAILED_LOGIN_WINDOW =
      Setting.withDefault(
          "failed_login_window",
          new Time(Duration.ofSeconds(1), Duration.ofDays(1)),
          "1m",
          "The time over which failed logins of an address are counted.");
  static final Setting<Values> AUTH =
      Setting.section(
          "auth",
          Section.of(
              "a mapping of keys such as hba and password_hashes",
              HBA,
              IDENT,
              PASSWORD_HASHES,
              MAX_FAILED_LOGINS,
              FAILED_LOGIN_WINDOW),
          "How clients prove who they are.");

  private GatewayAuthKeys() {}

  static GatewaySpec.Auth record(Values values) {
    Values auth = values.get(AUTH);
    return new GatewaySpec.Auth(
        auth.find(HBA),
        auth.find(IDENT),
        auth.get(PASSWORD_HASHES),
        auth.get(MAX_FAILED_LOGINS),
        auth.get(FAILED_LOGIN_WINDOW));
  }

  private static Map<String, GatewaySpec.PasswordHash> hashes() {
    Map<String, GatewaySpec.PasswordHash> words = new LinkedHashMap<>();
    words.put("scram-sha-256", GatewaySpec.PasswordHash.SCRAM_SHA_256);
    words.put("md5", GatewaySpec.PasswordHash.MD5);
    return words;
  }
}
