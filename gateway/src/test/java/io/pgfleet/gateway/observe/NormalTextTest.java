package io.pgfleet.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NormalTextTest {
  private static String normal(String sql) {
    return NormalText.of(sql, false, false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1 ~ SELECT $1",
        "select * from t where a = 'x' and b=2 ~ select * from t where a = $1 and b=$2",
        "SELECT 'it''s', E'a\\'b', B'0101', x'1F', N'n', U&'\\0041' ~ SELECT $1, $2, $3, $4, $5, $6",
        "SELECT $$a 'b' $$, $tag$ $$ x $tag$ ~ SELECT $1, $2",
        "SELECT $1, 'a', $7 ~ SELECT $1, $8, $7",
        "SELECT 1.5e-3, .5, 1_000, 0x1F, 5. ~ SELECT $1, $2, $3, $4, $5",
        "SELECT -5, a-5, a - 5, (a)-5 FROM t WHERE b = -1 ~ SELECT $1, a-$2, a - $3, (a)-$4 FROM t WHERE b = $5",
        "SELECT 'a'::text, DATE '2020-01-01' ~ SELECT $1::text, DATE $2",
        "SELECT a -- 'secret'\nFROM t /* 's' /* nested */ */ WHERE x ~ SELECT a FROM t WHERE x",
        "SELECT * FROM t WHERE a IN (1, 2, 3) AND b in ($1, $2) ~ SELECT * FROM t WHERE a IN ($3, ...) AND b in ($1, ...)",
        "SELECT * FROM t WHERE a IN (1) ~ SELECT * FROM t WHERE a IN ($1)",
        "SELECT ARRAY[1,2,3], a[1] ~ SELECT ARRAY[$1, ...], a[$2]",
        "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, NULL) ~ INSERT INTO t VALUES ($1, ...), ...",
        "SELECT f(1, 2) ~ SELECT f($1, $2)",
        "SELECT t1.a2, \"Col 1\" FROM t1 ~ SELECT t1.a2, \"Col 1\" FROM t1",
        "SELECT true, a IS TRUE, a IS NOT FALSE ~ SELECT $1, a IS TRUE, a IS NOT FALSE",
        "SET app.token TO abc123 ~ SET app.token TO $1",
        "SET app.token = \"abc\" ~ SET app.token = $1",
        "ALTER ROLE x PASSWORD 'secret' ~ ALTER ROLE x PASSWORD $1",
        "SELECT 'a'\n'b' ~ SELECT $1",
        "SELECT U&\"d\\0061t\" ~ SELECT U&\"d\\0061t\"",
        "UPDATE t SET a = a + 1 WHERE id = 7 ~ UPDATE t SET a = a + $1 WHERE id = $2",
        "SELECT 550e8400e29b ~ SELECT $1",
      })
  void literalsGiveWayToNumberedPlaces(String pair) {
    String[] parts = pair.split(" ~ ");
    assertThat(normal(parts[0])).isEqualTo(parts[1]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SELECT 'secret", "SELECT 'it's secret'", "SELECT $x$ secret", "a \"secret"})
  void whatIsNotClosedIsNotShownAtAll(String sql) {
    assertThat(normal(sql)).doesNotContain("secret").contains("not valid SQL");
  }

  @Test
  void aCutTextShowsNothingOfTheLiteralItWasCutIn() {
    assertThat(NormalText.of("SELECT a, 'secr", true, false)).isEqualTo("SELECT a, $1 ...");
    assertThat(NormalText.of("SELECT a, $t", true, false)).isEqualTo("SELECT a, $1 ...");
  }

  @Test
  void backslashesCountWhereTheSessionSaysSo() {
    assertThat(NormalText.of("SELECT 'a\\' secret', b", false, true)).isEqualTo("SELECT $1, b");
  }

  @Test
  void noValueEverShowsWhateverTheyAreWrittenAs() {
    List<String> forms =
        List.of(
            "'%s'",
            "E'%s'",
            "E'\\'%s'",
            "$$%s$$",
            "$q$ $$%s$$ $q$",
            "U&'%s'",
            "N'%s'",
            "B'%s'",
            "'%s'::text",
            "DATE '%s'",
            "'' '%s'",
            "'''%s'''",
            "12%s",
            "-1.5e3%s",
            "/* %s */ 1",
            "-- '%s\n 2",
            "E'%s\\\\'",
            "X'%s'",
            "$_1$%s$_1$",
            "1e+9%s");
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      StringBuilder sql = new StringBuilder("SELECT ");
      int values = 1 + random.nextInt(6);
      for (int v = 0; v < values; v++) {
        String form = forms.get(random.nextInt(forms.size()));
        sql.append(v == 0 ? "" : random.nextBoolean() ? ", " : "\n,")
            .append(form.replace("%s", "secret"));
      }
      sql.append(random.nextBoolean() ? " FROM t WHERE a IN ('secret', 'secret')" : " FROM \"T\"");
      String whole = sql.toString();
      assertThat(normal(whole)).as("seed %s: %s", seed, whole).doesNotContain("secret");
      String cut = whole.substring(0, random.nextInt(whole.length()));
      assertThat(NormalText.of(cut, true, false))
          .as("seed %s, cut: %s", seed, cut)
          .doesNotContain("secret");
    }
  }

  @Test
  void noiseIsReadWithoutAFault() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String letters = "aE'\"$1.-/*\\&U;([,]) \nxBé:t";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder sql = new StringBuilder();
      for (int n = random.nextInt(40); n > 0; n--) {
        sql.append(letters.charAt(random.nextInt(letters.length())));
      }
      assertThat(NormalText.of(sql.toString(), random.nextBoolean(), random.nextBoolean()))
          .as("seed %s", seed)
          .isNotNull();
    }
  }
}
