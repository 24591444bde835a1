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

  private static Arguments broken(String what, String text, String... problems) {
    return Arguments.of(what, text, List.of(problems));
  }

  static Stream<Arguments> structure() {
    return Stream.of(
        broken(
            "an unknown key",
            "gateway:\n  pool_mod: session\n",
            "2:3: gateway.pool_mod: unknown key | did you mean pool_mode?"),
        broken(
            "an unknown key that nothing is like",
            "consensus: { zookeeper: x }\n",
            "1:14: consensus.zookeeper: unknown key | the keys here are host, port, lease"),
        broken(
            "a key with a hyphen and of other case",
            "Run-As: pg\n",
            "1:1: Run-As: unknown key | did you mean run_as?"),
        broken(
            "a text for a number",
            "gateway:\n  port: high\n",
            "2:9: gateway.port: expected a port from 1 to 65535, found the text 'high' | "),
        broken(
            "a number in quotes",
            "gateway:\n  port: '6432'\n",
            "2:9: gateway.port: expected a port from 1 to 65535, found the text '6432' | write it"
                + " without quotes: 6432"),
        broken(
            "a number for a name",
            "fleet: 12\n",
            "1:8: fleet: expected a fleet name, found the number 12 | "),
        broken(
            "a number for a word that could be one",
            "groups: { main: { nodes: { a: { region: 7 } } , durability: async } }\n",
            "1:41: groups.main.nodes.a.region: expected a region, found the number 7 | put it in"
                + " quotes: \"7\""),
        broken(
            "a list for a mapping",
            "gateway: [6432]\n",
            "1:10: gateway: expected a mapping of keys such as port and pool_mode, found a list"
                + " | "),
        broken(
            "a text for the whole",
            "fleet.yaml\n",
            "1:1: : expected a mapping of keys such as fleet and groups, found the text"
                + " 'fleet.yaml' | "),
        broken(
            "an empty value",
            "gateway:\n  port:\n",
            "2:8: gateway.port: expected a port from 1 to 65535, found nothing | "),
        broken(
            "a number out of range",
            "gateway: { port: 70000 }\n",
            "1:18: gateway.port: 70000 is out of range, expected a port from 1 to 65535 | "),
        broken(
            "a number beyond all bounds",
            "groups: { main: { nodes: 99999999999999999999 } }\n",
            "1:26: groups.main.nodes: 99999999999999999999 is out of range, expected a number of"
                + " nodes from 1 to 99 | "),
        broken(
            "another bundled version",
            "postgres: { version: 15 }\n",
            "1:22: postgres.version: 15 is out of range, expected a bundled major version, 18 |"
                + " for another version, install it and give postgres.path"),
        broken(
            "a key given twice",
            "fleet: a\nrun_as: pg\nfleet: b\n",
            "3:1: fleet: given twice, first in line 1 | keep one of the two"),
        broken(
            "an unknown word",
            "groups:\n  main:\n    durability: quorom\n",
            "3:17: groups.main.durability: unknown value 'quorom', expected quorum or async | did"
                + " you mean quorum?"),
        broken(
            "a duration in words",
            "gateway:\n  query_wait_timeout: 5 minutes\n",
            "2:23: gateway.query_wait_timeout: '5 minutes' is not a duration, expected a duration"
                + " from 100ms to 1d | write 5m"),
        broken(
            "a duration of two parts",
            "gateway:\n  query_wait_timeout: 1m30s\n",
            "2:23: gateway.query_wait_timeout: '1m30s' is not a duration, expected a duration from"
                + " 100ms to 1d | write a whole number and one of the units ms, s, m, h and d,"
                + " such as 90s"),
        broken(
            "a duration without a unit",
            "consensus:\n  lease: 5\n",
            "2:10: consensus.lease: 5 has no unit, expected a duration from 2s to 1m | write 5s"
                + " for seconds; the units are ms, s, m, h and d"),
        broken(
            "a duration out of range",
            "consensus:\n  lease: 1s\n",
            "2:10: consensus.lease: 1s is out of range, expected a duration from 2s to 1m | "),
        broken(
            "a yes for true",
            "users: { a: { superuser: yes } }\n",
            "1:26: users.a.superuser: expected true or false, found the text 'yes' | "),
        broken(
            "a bad name",
            "users:\n  Anna: {}\n",
            "2:3: users.Anna: 'Anna' is not a user name | a user name has lower-case letters,"
                + " digits, _ and -, at most 63, begins with a letter or _, and not with pg_"),
        broken(
            "a reserved user",
            "users:\n  postgres: {}\n",
            "2:3: users.postgres: may not be given here | pgfleet itself uses it; give another"
                + " user superuser: true"),
        broken(
            "root",
            "run_as: root\n",
            "1:9: run_as: 'root' is not an unprivileged system user | PostgreSQL refuses to run as"
                + " root; name another user of this system"),
        broken(
            "a home folder",
            "data: ~/pg\n",
            "1:7: data: '~/pg' is not the path of a folder | write the home folder out, ~ is not"
                + " replaced"),
        broken(
            "no groups",
            "groups: {}\n",
            "1:9: groups: empty, expected a mapping of groups by name | add one, or leave the key"
                + " out for the default"));
  }

  static Stream<Arguments> rules() {
    return Stream.of(
        broken(
            "a password in the file",
            "users:\n  carddb: { password: hunter2 }\n",
            "2:23: users.carddb.password: expected a mapping of the key env or file, found the"
                + " secret itself | secrets do not belong in this file: write password: {env:"
                + " NAME} or password: {file: PATH}, or leave it out to have one generated"),
        broken(
            "an empty password",
            "users:\n  a:\n    password: {}\n",
            "3:15: users.a.password: empty, expected a mapping of the key env or file | secrets do"
                + " not belong in this file: write password: {env: NAME} or password: {file:"
                + " PATH}, or leave it out to have one generated"),
        broken(
            "a password from two places",
            "users:\n  a:\n    password: { file: x, env: Y }\n",
            "3:26: users.a.password.env: file and env exclude one another | keep one of them"),
        broken(
            "two PostgreSQLs",
            "postgres:\n  path: /x\n  version: 18\n",
            "3:3: postgres.version: path and version exclude one another | keep one of them"),
        broken(
            "a setting that pgfleet decides",
            "postgres:\n  settings:\n    Port: 5\n    synchronous_commit: off\n",
            "3:5: postgres.settings.Port: may not be given here | the node's key port decides it",
            "4:5: postgres.settings.synchronous_commit: may not be given here | durability and"
                + " synchronous of the group decide it"),
        broken(
            "a setting in two spellings",
            "postgres:\n  settings:\n    TimeZone: UTC\n    timezone: UTC\n",
            "3:5: postgres.settings: TimeZone and timezone are one setting | keep one of the two"),
        broken(
            "a missing owner",
            "users: { a: {} }\ndatabases:\n  x: {}\n",
            "3:3: databases.x.owner: missing, expected a user name | add owner: to this section"),
        broken(
            "an unknown owner",
            "users: { carddb: {} }\ndatabases:\n  carddb:\n    owner: cardb\n",
            "4:12: databases.carddb.owner: no user cardb in users | did you mean carddb?"),
        broken(
            "an owner where there are no users",
            "databases: { x: { owner: me } }\n",
            "1:26: databases.x.owner: no user me in users | add me: {} to users"),
        broken(
            "a missing file",
            "users: { a: {} }\ndatabases: { x: { owner: a, init: [none.sql] } }\n",
            "2:36: databases.x.init[0]: no such file: /nowhere/none.sql | make it, or mend the"
                + " path; it starts from this file's folder"),
        broken(
            "too many synchronous standbys",
            "groups:\n  main:\n    synchronous: 3\n",
            "3:18: groups.main.synchronous: 3 standbys asked for, and the group has 2 beside its"
                + " primary | use at most 2, or give the group more nodes"),
        broken(
            "a quorum of one",
            "groups:\n  main:\n    durability: quorum\n    nodes: 1\n",
            "3:17: groups.main.durability: quorum needs a standby, and the group has 1 node | use"
                + " async"),
        broken(
            "synchronous standbys of async",
            "groups:\n  main:\n    durability: async\n    synchronous: 1\n",
            "4:5: groups.main.synchronous: no meaning with durability async | leave the key out"),
        broken(
            "two groups",
            "groups:\n  a: {}\n  b: {}\n",
            "3:3: groups.b: a second group; several groups arrive with sharding | keep one group"
                + " for now"),
        broken(
            "a port of two nodes",
            "groups:\n  main:\n    nodes:\n      a: { port: 5442 }\n      b: {}\n",
            "4:18: groups.main.nodes.a.port: port 5442 on 127.0.0.1 is taken by node b | give each"
                + " node, the gateway and consensus a port of its own"),
        broken(
            "the gateway's port taken on every address",
            "gateway:\n  host: 0.0.0.0\n  port: 6480\n",
            "3:9: gateway.port: port 6480 on 0.0.0.0 is taken by consensus | give each node, the"
                + " gateway and consensus a port of its own"),
        broken(
            "a folder of two nodes",
            "groups: {g: {nodes: {a: {data: x},\n  b: {data: ./x}}}}\n",
            "2:13: groups.g.nodes.b.data: the folder is that of node a | give each node its own"
                + " folder"));
  }

  static Stream<Arguments> yaml() {
    return Stream.of(
        broken(
            "tabs",
            "gateway:\n\tport: 1\n\thost: x\n",
            "2:1: : a tab indents this line | YAML is indented with spaces, two for each level",
            "3:1: : a tab indents this line | YAML is indented with spaces, two for each level"),
        broken(
            "a line out of line",
            "gateway:\n  port: 1\n host: x\n",
            "3:2: : not YAML: the indentation fits no line above, while"
                + " parsing a block mapping in line 1 | indent the line like its neighbours"),
        broken(
            "a colon too many",
            "fleet: a: b\n",
            "1:9: : not YAML: mapping values are not allowed here | is the line indented like its"
                + " neighbours, or a colon in a text without quotes?"),
        broken(
            "an open bracket",
            "users: { a: {}\nfleet: x\n",
            "2:1: : not YAML: expected ',' or '}', but got a word, while parsing a flow mapping in line"
                + " 1 | check quotes, brackets and indentation here and in the lines above"),
        broken(
            "an alias",
            "consensus: &c { port: 1 }\ngateway: *c\n",
            "2:10: : the alias *c is not read here | write the value out in each place"),
        broken(
            "a tag",
            "fleet: !!binary aGk=\n",
            "1:8: : the tag tag:yaml.org,2002:binary is not read here | leave it out"),
        broken(
            "two documents",
            "fleet: a\n---\nfleet: b\n",
            "2:1: : a second YAML document begins | keep one fleet in one file"),
        broken(
            "a key that is no word",
            "? [a, b]\n: c\n",
            "1:3: ?: a key is one word, found a list | write key: value"),
        broken(
            "a control character",
            "fleet: a\nrun_as: p\u0007g\n",
            "2:10: : the character U+0007 is not allowed in YAML | fleet files are plain UTF-8"
                + " text; is this the right file?"));
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
              pool_mode: statement
            users:
              carddb: { supruser: true }
            """,
            "1:8: fleet: 'Card DB' is not a fleet name | a name has lower-case letters, digits, _"
                + " and -, at most 40, and begins with a letter",
            "2:1: gatway: unknown key | did you mean gateway?",
            "6:12: groups.main.nodes: expected a mapping of nodes by name, found a list | ",
            "8:9: gateway.port: 0 is out of range, expected a port from 1 to 65535 | ",
            "9:14: gateway.pool_mode: unknown value 'statement', expected transaction or session"
                + " | ",
            "11:13: users.carddb.supruser: unknown key | did you mean superuser?"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"structure", "rules", "yaml", "several"})
  void saysWhereAndWhatAndWhatToDo(String what, String text, List<String> expected) {
    SpecException problems =
        catchThrowableOfType(SpecException.class, () -> FleetFile.parse(text, FILE));
    assertThat(problems).as(what).isNotNull();
    assertThat(problems.problems())
        .extracting(p ->
            "%d:%d: %s: %s | %s"
                .formatted(p.line(), p.column(), p.path(), p.message(), p.hint().orElse("")))
        .containsExactlyElementsOf(expected);
  }
}
