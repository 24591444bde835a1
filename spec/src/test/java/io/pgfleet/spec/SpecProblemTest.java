package io.pgfleet.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SpecProblemTest {
  private static String message(String text) {
    SpecException problems =
        catchThrowableOfType(
            SpecException.class, () -> FleetFile.parse(text, Path.of("conf/fleet.yaml")));
    return String.valueOf(problems.getMessage());
  }

  @Test
  void theTextHasThePlaceTheHintAndTheLineWithACaret() {
    assertThat(message("gateway:\n  port: 1\n  pool_mod: session # ours\n"))
        .isEqualTo(
            """
            conf/fleet.yaml:3:3: gateway.pool_mod: unknown key
              did you mean pool_mode?
              3 |   pool_mod: session # ours
                |   ^\
            """);
  }

  @Test
  void aFileAsAWholeHasNoLine() {
    assertThat(
            new SpecProblem(Path.of("f"), 0, 0, "", "no such file", Optional.of("look"), "").text())
        .isEqualTo("f: no such file\n  look");
  }

  @Test
  void aPasswordIsNeverShown() {
    assertThat(message("users: { a: { password: hunter2, supruser: true } }\n"))
        .doesNotContain("hunter2")
        .contains("password: *******, supruser: true");
    assertThat(message("users:\n  a:\n    pasword: hunter2\n"))
        .doesNotContain("hunter2")
        .contains("did you mean password?");
    assertThat(message("users:\n  a:\n    password: |\n      hunter2\n      more\n   # x\n"))
        .doesNotContain("hunter2");
    assertThat(message("users:\n  a: { password: [hunter2] }\n")).doesNotContain("hunter2");
    assertThat(message("users:\n  a: { password: { is: hunter2 } }\n")).doesNotContain("hunter2");
    assertThat(message("users:\n  a: { password: { env: hunter-2 } }\n"))
        .doesNotContain("hunter-2");
    assertThat(message("users:\n  a: { password: 12345 }\n")).doesNotContain("12345");
    assertThat(message("users: { a: { password: {env: A}, password: hunter2 } }\n"))
        .doesNotContain("hunter2");
  }

  @Test
  void aPasswordIsNotShownInWhatIsNoYamlEither() {
    assertThat(message("users: { a: { 'password' : hunter2: x } }\n"))
        .contains("not YAML", "'password' :****")
        .doesNotContain("hunter2");
  }

  @Test
  void aLineFarTooLongIsNotShown() {
    assertThat(message("# " + "x".repeat(5000) + "\ngateway: { " + " ".repeat(500) + "a: 1 }\n"))
        .hasLineCount(2);
  }

  @Test
  void whatATerminalObeysIsNotRepeated() {
    assertThat(message("fleet: \"\\e[31m\\u009b2J\"\n")).doesNotContain("\u001b", "\u009b");
  }

  @Test
  void aFileFullOfMistakesNamesTheFirstHundred() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 250; i++) {
      text.append("what").append(i).append(": x\n");
    }
    assertThat(message(text.toString())).endsWith("conf/fleet.yaml: and 150 more problems");
  }
}
