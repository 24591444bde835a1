package io.pgfleet.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of broken file, with all that is said of it. */
class BrokenFleetFileTest {
  private static final Path FILE = Path.of("/nowhere/fleet.yaml");

  /**
   * The cases of a resource: each begins with {@code ===} and what is broken; the file follows, and
   * after {@code ---} its problems, each with its hint, if any, indented below it.
   */
  private static Stream<Arguments> cases(String resource) {
    return Stream.of(Samples.text(resource).split("(?m)^=== "))
        .skip(1)
        .map(text -> {
          int file = text.indexOf('\n') + 1;
          int problems = text.indexOf("---\n", file);
          List<String> expected = List.of(text.substring(problems + 4).strip().split("\n(?! )"));
          return Arguments.of(
              text.substring(0, file).strip(), text.substring(file, problems), expected);
        });
  }

  private static Arguments broken(String what, String text, String... problems) {
    return Arguments.of(what, text, List.of(problems));
  }

  /** Wrong by themselves: what the JSON Schema refuses too. */
  static Stream<Arguments> structure() {
    return cases("broken-structure.txt");
  }

  /** Wrong only together, or with the world. */
  static Stream<Arguments> rules() {
    return cases("broken-rules.txt");
  }

  static Stream<Arguments> yaml() {
    return Stream.of(
        broken(
            "tabs",
            "gateway:\n\tport: 1\n\thost: x\n",
            "2:1: : a tab indents this line\n  YAML is indented with spaces, two for each level",
            "3:1: : a tab indents this line\n  YAML is indented with spaces, two for each level"),
        broken(
            "a line out of line",
            "gateway:\n  port: 1\n host: x\n",
            "3:2: : not YAML: the indentation fits no line above, while parsing a block mapping in line 1\n"
                + "  indent the line like its neighbours"),
        broken(
            "a colon too many",
            "fleet: a: b\n",
            "1:9: : not YAML: mapping values are not allowed here\n"
                + "  is the line indented like its neighbours, or a colon in a text without quotes?"),
        broken(
            "an open bracket",
            "users: { a: {}\nfleet: x\n",
            "2:1: : not YAML: expected ',' or '}', but got a word, while parsing a flow mapping in line 1\n"
                + "  check quotes, brackets and indentation here and in the lines above"),
        broken(
            "an alias",
            "consensus: &c { port: 1 }\ngateway: *c\n",
            "2:10: : the alias *c is not read here\n  write the value out in each place"),
        broken(
            "a tag",
            "fleet: !!binary aGk=\n",
            "1:8: : the tag tag:yaml.org,2002:binary is not read here\n  leave it out"),
        broken(
            "two documents",
            "fleet: a\n---\nfleet: b\n",
            "2:1: : a second YAML document begins\n  keep one fleet in one file"),
        broken(
            "a key that is no word",
            "? [a, b]\n: c\n",
            "1:3: ?: a key is one word, found a list\n  write key: value"),
        broken(
            "a control character",
            "fleet: a\nrun_as: p\u0007g\n",
            "2:10: : the character U+0007 is not allowed in YAML\n"
                + "  fleet files are plain UTF-8 text; is this the right file?"));
  }

  static Stream<Arguments> several() {
    return Stream.of(
        broken(
            "six mistakes at once",
            """
            fleet: Card DB
            gatway: {}
            groups:
              main:
                synchronous: 5
                nodes: [n1]
            gateway:
              port: 0
              pool_mode: query
            users:
              carddb: { supruser: true }
            """,
            "1:8: fleet: 'Card DB' is not a fleet name\n"
                + "  a name has lower-case letters, digits, _ and -, at most 40, and begins with a letter",
            "2:1: gatway: unknown key\n  did you mean gateway?",
            "6:12: groups.main.nodes: expected a mapping of nodes by name, found a list",
            "8:9: gateway.port: 0 is out of range, expected a port from 1 to 65535",
            "9:14: gateway.pool_mode: unknown value 'query', expected transaction, session or statement",
            "11:13: users.carddb.supruser: unknown key\n  did you mean superuser?"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"structure", "rules", "yaml", "several"})
  void saysWhereAndWhatAndWhatToDo(String what, String text, List<String> expected) {
    SpecException problems =
        catchThrowableOfType(SpecException.class, () -> FleetFile.parse(text, FILE));
    assertThat(problems).as(what).isNotNull();
    assertThat(problems.problems())
        .extracting(p ->
            "%d:%d: %s: %s%s"
                .formatted(
                    p.line(),
                    p.column(),
                    p.path(),
                    p.message(),
                    p.hint().map("\n  "::concat).orElse("")))
        .containsExactlyElementsOf(expected);
  }
}
