package io.pgfleet.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The schema that editors use and the loader call the same files wrong. */
class SchemaAgreementTest {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(MAPPER.readTree(SchemaPage.text()));

  @TempDir Path folder = Path.of("");

  private static List<Error> bySchema(String text) {
    JsonNode node = MAPPER.valueToTree(Samples.plain(text));
    return SCHEMA.validate(node);
  }

  private boolean loads(String text) {
    try {
      FleetFile.parse(text, folder.resolve("fleet.yaml"));
      return true;
    } catch (SpecException e) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"full.yaml", "app/fleet.yaml", "regions/fleet.yaml"})
  void theSamplesAreValidForBoth(String resource) throws IOException {
    Samples.makeFiles(folder);
    String text = Samples.text(resource);
    assertThat(bySchema(text)).isEmpty();
    assertThat(loads(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "gateway:\n",
        "groups: { a: }",
        "groups: { a: { nodes: } }",
        "groups: { a: { nodes: 0x5 } }",
        "groups: { a: { nodes: { x: , y: { host: '::1' } } } }",
        "users: { a: , _b-c: { superuser: True } }",
        "users: { a: { password: { env: X_1 } } }",
        "postgres: { settings: { a.b: -1, c: '', d: on, e: 1.5, f: false } }",
        "postgres: { path: ../pg }",
        "gateway: { server_lifetime: 30d, query_wait_timeout: 100ms }",
        "gateway: { query_timeout: off, max_held_bytes: 0B, tcp_keepcnt: 3, metrics: { port: off } }",
        "gateway: { tls: , databases: { 'Any Name': {} }, users: { u: { max_user_connections: 1 } } }",
      })
  void whatIsValidForOneIsValidForTheOther(String text) {
    assertThat(bySchema(text)).isEmpty();
    assertThat(loads(text)).isTrue();
  }

  /** What BrokenFleetFileTest has, and more; each wrong in its structure. */
  static Stream<String> broken() {
    return Stream.concat(
        BrokenFleetFileTest.structure()
            .map(Arguments::get)
            .map(arguments -> (String) arguments[1])
            // Two that JSON cannot say: a key given twice, and the range of a duration.
            .filter(text -> !text.contains("fleet: b") && !text.contains("lease: 1s")),
        Stream.of(
            "7",
            "[]",
            "fleet:",
            "data: ''",
            "data: ' '",
            "gateway: 6432",
            "gateway: { host: '' }",
            "gateway: { port: 6432.5 }",
            "gateway: { pool_mode: Session }",
            "gateway: { pool_mode: [session] }",
            "gateway: { server_lifetime: 1.5h }",
            "gateway: { server_lifetime: 1H }",
            "gateway: { loops: -1 }",
            "gateway: { query_timeout: 0 }",
            "gateway: { query_timeout: no }",
            "gateway: { max_db_connections: off }",
            "gateway: { max_held_bytes: 64 }",
            "gateway: { max_held_bytes: 64mb }",
            "gateway: { proxy_protocol: { from: 10.0.0.0/8 } }",
            "gateway: { proxy_protocol: { from: [10.0.0.1] } }",
            "gateway: { tls: { mode: allow } }",
            "gateway: { unix_socket_mode: 0777 }",
            "gateway: { auth: { max_failed_logins: off } }",
            "gateway: { databases: { a: { size: 3 } } }",
            "gateway: { reads: { read_functions: ['f()'] } }",
            "groups: { A: {} }",
            "groups: [main]",
            "groups: { main: [] }",
            "groups: { main: { nodes: 100 } }",
            "groups: { main: { nodes: {} } }",
            "groups: { main: { nodes: three } }",
            "groups: { main: { nodes: { a-b: {}, c: {} } } }",
            "groups: { main: { nodes: { a: { settings: {} }, b: {} } } }",
            "postgres: { version: 18, path: /x }",
            "postgres: { settings: { port: 1 } }",
            "postgres: { settings: { a b: 1 } }",
            "postgres: { settings: { a: [1] } }",
            "postgres: { settings: { a: } }",
            "postgres: { settings: { a: \"x\\ny\" } }",
            "users: { a: { password: secret } }",
            "users: { a: { password: } }",
            "users: { a: { password: {} } }",
            "users: { a: { password: { env: A, file: b } } }",
            "users: { a: { password: { env: 'A B' } } }",
            "users: { a: { superuser: 1 } }",
            "users: { pg_x: {} }",
            "databases: { a: {} }",
            "databases: { a: }",
            "databases: { a: { owner: Me } }",
            "databases: { template1: { owner: a } }",
            "users: { a: {} }\ndatabases: { a: { owner: a, init: x.sql } }",
            "users: { a: {} }\ndatabases: { a: { owner: a, init: [7] } }"));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void whatIsWrongForOneIsWrongForTheOther(String text) {
    assertThat(bySchema(text)).isNotEmpty();
    assertThat(loads(text)).isFalse();
  }

  @Test
  void theSchemaItselfIsValid() {
    Schema meta =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(
                com.networknt.schema.SchemaLocation.of(
                    "https://json-schema.org/draft/2020-12/schema"));
    assertThat(meta.validate(MAPPER.readTree(SchemaPage.text()))).isEmpty();
  }
}
