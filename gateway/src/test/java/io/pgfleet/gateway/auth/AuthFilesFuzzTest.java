package io.pgfleet.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Noise made of the words of the files: read, or refused with places inside the text. */
final class AuthFilesFuzzTest {
  private static final String[] WORDS = {
    "local",
    "host",
    "hostssl",
    "hostnossl",
    "hostgssenc",
    "all",
    "sameuser",
    "samerole",
    "+a",
    "\"all\"",
    "\"",
    "\"\"",
    ",",
    "#",
    "\\\n",
    "\n",
    " ",
    "\t",
    "\r\n",
    "/x(",
    "/^a$",
    "@f",
    "@",
    "127.0.0.1",
    "127.0.0.1/32",
    "255.255.255.0",
    "::1",
    "::/0",
    "samehost",
    "samenet",
    "trust",
    "reject",
    "md5",
    "cert",
    "peer",
    "scram-sha-256",
    "password",
    "map=m",
    "map=",
    "clientcert=",
    "clientcert=verify-full",
    "clientname=DN",
    "=",
    "a=b",
    "\\1",
    "é",
    "\0",
    "m",
    "u",
    ";",
    "/"
  };

  private static String noise(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(60); i > 0; i--) {
      text.append(WORDS[random.nextInt(WORDS.length)]);
      if (random.nextInt(3) > 0) {
        text.append(' ');
      }
    }
    return text.toString();
  }

  @Test
  void rulesAreReadOrRefused() {
    Random random = new Random(20_261_121);
    Attempt attempt = new Attempt("a", "u", Optional.of(InetAddress.getLoopbackAddress()), true);
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      String text = noise(random);
      try {
        HbaRules rules = HbaRules.parse("f", text, Optional.empty());
        rules.find(attempt, Set.of("u"));
        read++;
      } catch (AuthFileException e) {
        checkPlaces(text, e);
      }
    }
    assertThat(read).isPositive();
  }

  @Test
  void mapsAreReadOrRefused() {
    Random random = new Random(42);
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      String text = noise(random);
      try {
        IdentMaps maps = IdentMaps.parse("f", text, Optional.empty());
        maps.allows(Optional.of("m"), "a", "u", Set.of("a"));
        read++;
      } catch (AuthFileException e) {
        checkPlaces(text, e);
      }
    }
    assertThat(read).isPositive();
  }

  @Test
  void userSecretsAreReadOrRefusedWithoutBeingRepeated() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      String text = noise(random) + "\"u\" \"geheim" + noise(random);
      try {
        UserSecrets.parse("f", text);
      } catch (AuthFileException e) {
        checkPlaces(text, e);
        assertThat(e.getMessage()).doesNotContain("geheim");
      }
    }
  }

  private static void checkPlaces(String text, AuthFileException e) {
    assertThat(e.problems()).isNotEmpty();
    int lines = (int) text.chars().filter(c -> c == '\n').count() + 1;
    for (AuthProblem problem : e.problems()) {
      assertThat(problem.line()).isBetween(0, lines);
      assertThat(problem.column()).isBetween(0, text.length() + 1);
    }
  }
}
