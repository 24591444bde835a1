package io.pgfleet.spec;

import io.pgfleet.spec.setting.FilePath;
import io.pgfleet.spec.setting.OrWord;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Values;
import io.pgfleet.spec.setting.Whole;
import java.nio.file.Path;

/** The section {@code gateway.auth}. */
final class GatewayAuthKeys {
  static final Setting<Path> HBA =
      Setting.optional(
          "hba",
          new FilePath("a file", true),
          "every user, with SCRAM-SHA-256",
          "Rules who may connect from where and how, in the syntax of PostgreSQL's pg_hba.conf.");
  static final Setting<Path> IDENT =
      Setting.optional(
          "ident",
          new FilePath("a file", true),
          "names are taken as they are",
          "Maps of system and certificate names to users, in the syntax of pg_ident.conf.");
  static final Setting<Path> USER_SECRETS =
      Setting.optional(
          "user_secrets",
          new FilePath("a file", true),
          "such users cannot log in",
          "Passwords of users who log in without one, for the servers; as PgBouncer's"
              + " userlist.txt.");
  static final Setting<Integer> MAX_FAILED_LOGINS =
      Setting.withDefault(
          "max_failed_logins",
          new OrWord<>(new Whole("a number of logins", 1, 100_000), "unlimited", 0),
          "100",
          "How many logins from one address may fail at once; then it waits until one is"
              + " forgotten.");
  static final Setting<Integer> FORGOTTEN =
      Setting.withDefault(
          "failed_logins_forgotten",
          new Whole("a number of logins", 1, 100_000),
          "100",
          "How many failed logins of an address are forgotten in a minute.");
  static final Setting<Values> AUTH =
      Setting.section(
          "auth",
          Section.of(
              "a mapping of keys such as hba and ident",
              HBA,
              IDENT,
              USER_SECRETS,
              MAX_FAILED_LOGINS,
              FORGOTTEN),
          "How clients prove who they are.");

  private GatewayAuthKeys() {}

  static GatewaySpec.Auth record(Values values) {
    Values auth = values.get(AUTH);
    return new GatewaySpec.Auth(
        auth.find(HBA),
        auth.find(IDENT),
        auth.find(USER_SECRETS),
        auth.get(MAX_FAILED_LOGINS),
        auth.get(FORGOTTEN));
  }
}
