package io.pgfleet.spec;

import io.pgfleet.spec.setting.FilePath;
import io.pgfleet.spec.setting.Flag;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Text;
import io.pgfleet.spec.setting.Values;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The keys of one user. */
final class UserKeys {
  static final Setting<Boolean> SUPERUSER =
      Setting.withDefault(
          "superuser", new Flag(), "false", "Whether the user may do everything in PostgreSQL.");
  static final Setting<String> ENV =
      Setting.optional(
          "env",
          new Text(
              "the name of an environment variable",
              "[A-Za-z_][A-Za-z0-9_]*",
              "write the name alone, such as APP_PASSWORD"),
          "not looked at",
          "The environment variable that holds the password.");
  static final Setting<Path> FILE =
      Setting.optional(
          "file",
          new FilePath("a file", false),
          "not looked at",
          "The file whose first line is the password.");
  static final Setting<Values> PASSWORD =
      Setting.optional(
              "password",
              new Section(
                  "a mapping of the key env or file", List.of(ENV, FILE), new Section.ExactlyOne()),
              "generated, and kept in a file that only its owner may read",
              "Where the user's password comes from. The password itself may not stand in the"
                  + " file.")
          .advising(
              "secrets do not belong in this file: write password: {env: NAME} or"
                  + " password: {file: PATH}, or leave it out to have one generated")
          .hidden();
  static final Section SECTION =
      Section.of("a mapping of the keys superuser and password", SUPERUSER, PASSWORD);

  private UserKeys() {}

  static UserSpec record(String name, Values values) {
    return new UserSpec(name, values.get(SUPERUSER), password(values.find(PASSWORD)));
  }

  private static PasswordSource password(Optional<Values> values) {
    if (values.isEmpty()) {
      return new PasswordSource.Generated();
    }
    Optional<String> variable = values.get().find(ENV);
    return variable.isPresent()
        ? new PasswordSource.FromEnvironment(variable.get())
        : new PasswordSource.FromFile(values.get().find(FILE).orElseThrow());
  }
}
