package io.pgfleet.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a file holds, it is read or its problems are listed, each with a place in it. */
class FleetFileFuzzTest {
  @TempDir Path folder = Path.of("");

  private static void check(String text) {
    try {
      assertThat(FleetFile.parse(text, Path.of("fleet.yaml"))).isNotNull();
    } catch (SpecException e) {
      check(e, text);
    }
  }

  private static void check(SpecException e, String text) {
    long lines = text.split("\r\n|\r|\n", -1).length;
    assertThat(e.problems()).isNotEmpty().hasSizeLessThanOrEqualTo(101);
    for (SpecProblem problem : e.problems()) {
      assertThat(problem.message()).isNotBlank().doesNotContain("Exception", "\n");
      assertThat((long) problem.line()).isBetween(0L, lines);
      assertThat(problem.column()).isGreaterThanOrEqualTo(problem.line() == 0 ? 0 : 1);
      assertThat(problem.text().length()).isLessThan(2000);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void noiseOfBytes(long seed) throws IOException {
    Random random = new Random(seed);
    Path file = folder.resolve("noise");
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[random.nextInt(400)];
      random.nextBytes(bytes);
      Files.write(file, bytes);
      try {
        assertThat(FleetFile.load(file)).isNotNull();
      } catch (SpecException e) {
        check(e, new String(bytes, StandardCharsets.UTF_8));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6, 7, 8})
  void noiseOfWhatYamlIsMadeOf(long seed) {
    Random random = new Random(seed);
    String[] pieces = {
      "{",
      "}",
      "[",
      "]",
      ":",
      ": ",
      ",",
      "-",
      "- ",
      "? ",
      "&a ",
      "*a ",
      "!",
      "!!int ",
      "|",
      ">",
      "\n",
      "\n  ",
      "\t",
      "\r",
      "'",
      "\"",
      "#",
      " #",
      "%",
      "@",
      "`",
      "---\n",
      "...\n",
      "<<",
      "~",
      "fleet",
      "groups",
      "nodes",
      "users",
      "1",
      "0x",
      "0o9",
      ".inf",
      "true",
      "null",
      "\uFEFF",
      "\u0085",
      "\u2028",
      "\ud83d\udc18",
      "\ud800",
      "\\x41",
      "password",
      "5s"
    };
    for (int i = 0; i < 1500; i++) {
      StringBuilder text = new StringBuilder();
      int count = random.nextInt(25);
      for (int j = 0; j < count; j++) {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
      check(text.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {9, 10, 11, 12})
  void mutationsOfAValidFile(long seed) {
    Random random = new Random(seed);
    String valid = Samples.text("regions/fleet.yaml");
    for (int i = 0; i < 500; i++) {
      StringBuilder text = new StringBuilder(valid);
      for (int edits = 1 + random.nextInt(4); edits > 0; edits--) {
        int at = random.nextInt(text.length() - 20);
        int end = at + random.nextInt(20);
        switch (random.nextInt(4)) {
          case 0 -> text.delete(at, end);
          case 1 -> text.insert(at, text.substring(at, end));
          case 2 -> text.setCharAt(at, (char) (1 + random.nextInt(0x250)));
          default -> {
            int other = random.nextInt(text.length() - 20);
            text.insert(at, text.substring(other, other + 20));
          }
        }
      }
      check(text.toString());
    }
  }

  @Test
  void everyBeginningOfAValidFile() {
    String valid = Samples.text("full.yaml");
    for (int end = 0; end < valid.length(); end++) {
      check(valid.substring(0, end));
    }
  }

  @Test
  void aBombOfAliases() {
    StringBuilder bomb = new StringBuilder("users: &a0 { x: {} }\n");
    for (int i = 1; i < 30; i++) {
      bomb.append("k%d: &a%d [*a%d, *a%d, *a%d]\n".formatted(i, i, i - 1, i - 1, i - 1));
    }
    check(bomb.toString());
    check("groups: &a { main: *a }\n");
  }

  @Test
  void deepNesting() {
    check("[".repeat(500_000));
    check("{a: ".repeat(200_000));
    check("- ".repeat(300_000));
    check("? ".repeat(300_000));
    check("fleet: " + "[".repeat(40) + "]".repeat(40));
  }

  @Test
  void largeOfOneThing() {
    check("a".repeat(1_000_000));
    check("fleet: '" + "x\n".repeat(400_000));
    check("x: 1\n".repeat(100_000));
    check("users: {" + "a, ".repeat(100_000) + "}");
    check("groups: { main: { nodes: " + "9".repeat(500_000) + " } }");
    check("gateway: { query_wait_timeout: " + "9".repeat(100_000) + "s }");
    check("y".repeat(2_000_000));
  }
}
