package io.pgfleet.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.gateway.transport.Network;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HbaRulesTest {
  private static HbaRules rules(String... lines) throws AuthFileException {
    return HbaRules.parse("hba", String.join("\n", lines) + "\n", Optional.empty());
  }

  private static Attempt attempt(String database, String user, String address, boolean encrypted) {
    Optional<InetAddress> from =
        address.isEmpty() ? Optional.empty() : Optional.of(Network.numeric(address).orElseThrow());
    return new Attempt(database, user, from, encrypted);
  }

  private static String method(HbaRules rules, Attempt attempt, String... roles) {
    return rules.find(attempt, Set.of(roles)).map(rule -> rule.method().word()).orElse("none");
  }

  @Test
  void theFirstLineThatFitsDecides() throws AuthFileException {
    HbaRules rules =
        rules(
            "# comment",
            "local   all  all                    peer",
            "hostssl all  boss  0.0.0.0/0        cert",
            "host    app,\"two words\" all 10.1.0.0/16 scram-sha-256  # at the end",
            "host    sameuser  all  10.2.0.0  255.255.0.0  md5",
            "host    all  +staff  fd00::/8  password",
            "hostnossl all all 10.3.0.0/16 reject",
            "host    all  all  10.3.0.0/16 trust");
    assertThat(method(rules, attempt("x", "y", "", false))).isEqualTo("peer");
    assertThat(method(rules, attempt("x", "boss", "1.2.3.4", true))).isEqualTo("cert");
    assertThat(method(rules, attempt("x", "boss", "1.2.3.4", false))).isEqualTo("none");
    assertThat(method(rules, attempt("two words", "u", "10.1.9.9", false)))
        .isEqualTo("scram-sha-256");
    assertThat(method(rules, attempt("u", "u", "10.2.9.9", false))).isEqualTo("md5");
    assertThat(method(rules, attempt("v", "u", "10.2.9.9", false))).isEqualTo("none");
    assertThat(method(rules, attempt("v", "u", "fd12::1", false), "u", "staff"))
        .isEqualTo("password");
    assertThat(method(rules, attempt("v", "u", "fd12::1", false), "u")).isEqualTo("none");
    assertThat(method(rules, attempt("v", "u", "10.3.0.1", false))).isEqualTo("reject");
    assertThat(method(rules, attempt("v", "u", "10.3.0.1", true))).isEqualTo("trust");
    assertThat(rules.needsRoles()).isTrue();
  }

  @Test
  void quotesTakeAwayTheMeaningOfWords() throws AuthFileException {
    HbaRules rules = rules("local \"all\" \"+a\" trust", "local \"say \"\"hi\"\"\" all trust");
    assertThat(method(rules, attempt("x", "+a", "", false))).isEqualTo("none");
    assertThat(method(rules, attempt("all", "+a", "", false))).isEqualTo("trust");
    assertThat(method(rules, attempt("say \"hi\"", "u", "", false))).isEqualTo("trust");
  }

  @Test
  void expressionsAndJoinedLinesWork() throws AuthFileException {
    HbaRules rules = rules("host /^db[0-9]+$ \\", "  /^app_  all \\", " scram-sha-256");
    assertThat(method(rules, attempt("db12", "app_x", "9.9.9.9", false)))
        .isEqualTo("scram-sha-256");
    assertThat(method(rules, attempt("db12", "x_app_", "9.9.9.9", false))).isEqualTo("none");
    assertThat(method(rules, attempt("db", "app_x", "9.9.9.9", false))).isEqualTo("none");
  }

  @Test
  void thisHostsOwnAddressesAreKnown() throws AuthFileException {
    HbaRules rules = rules("host all all samehost trust", "host all all samenet md5");
    assertThat(method(rules, attempt("d", "u", "127.0.0.1", false))).isEqualTo("trust");
    assertThat(method(rules, attempt("d", "u", "127.9.9.9", false))).isEqualTo("md5");
    assertThat(method(rules, attempt("d", "u", "203.0.113.7", false))).isEqualTo("none");
  }

  @Test
  void namesComeFromFilesToo(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("users"), "one, two\n@more # and\n");
    Files.writeString(folder.resolve("more"), "three\n");
    HbaRules rules = HbaRules.parse("hba", "local all @users trust", Optional.of(folder));
    assertThat(method(rules, attempt("d", "three", "", false))).isEqualTo("trust");
    assertThat(method(rules, attempt("d", "four", "", false))).isEqualTo("none");
    Files.writeString(folder.resolve("more"), "@users\n");
    assertThatThrownBy(() -> HbaRules.parse("hba", "local all @users trust", Optional.of(folder)))
        .hasMessageContaining("deep");
  }

  @Test
  void allMistakesAreToldWithTheirPlaces() {
    assertThatThrownBy(() ->
            rules(
                "hostgssenc all all all trust",
                "host all all db.example.com md5",
                "  host all all 10.0.0.1 md5",
                "local all all ldap",
                "host all all all peer",
                "hostssl all all all md5 clientcert=maybe color=red",
                "host all \"open md5"))
        .isInstanceOfSatisfying(
            AuthFileException.class,
            failure -> {
              List<String> places =
                  failure.problems().stream()
                      .map(problem -> problem.line() + ":" + problem.column())
                      .toList();
              assertThat(places)
                  .containsExactly(
                      "1:1", "2:14", "3:25", "4:15", "5:18", "6:25", "6:42", "7:10", "7:18");
              assertThat(failure.getMessage())
                  .contains("hba:2:14: \"db.example.com\" is a host name")
                  .contains("has no option \"color\"")
                  .contains("GSSAPI")
                  .contains("no method ldap");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "host all all all scram-sha-256 map=x, map is for",
    "host all all all cert, hostssl only",
    "host all all all scram-sha-256 clientcert=verify-ca, hostssl only",
    "hostssl all all all cert clientcert=verify-ca, always",
    "hostssl all all all md5 clientname=DN, clientname is for",
    "host all all 1.2.3.4/33 trust, bits",
    "host all all ::/0 trust extra, no option",
    "host all all 1.2.3.4 ffff:: trust, families",
    "host all /( all trust, regular expression",
    "local all @nowhere trust, relative name",
    "include other, can't be included",
    "'', no rule",
  })
  void aMistakeIsNamed(String line, String words) {
    assertThatThrownBy(() -> rules(line))
        .isInstanceOf(AuthFileException.class)
        .hasMessageContaining(words);
  }

  @Test
  void theDefaultAsksEverybodyForScram() throws AuthFileException {
    HbaRules rules = HbaRules.parse("default", HbaRules.DEFAULT, Optional.empty());
    assertThat(method(rules, attempt("d", "u", "", false))).isEqualTo("scram-sha-256");
    assertThat(method(rules, attempt("d", "u", "::1", true))).isEqualTo("scram-sha-256");
  }
}
