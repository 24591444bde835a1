package io.pgfleet.cli.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SqlScannerTest {
  private final Variables variables = new Variables();
  private final SqlScanner scanner = new SqlScanner();

  private List<String> scan(String text) {
    List<String> items = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      scanner.append(line);
      for (SqlScanner.Item item = scanner.next(variables);
          item != null;
          item = scanner.next(variables)) {
        items.add(
            switch (item) {
              case SqlScanner.Statement statement -> statement.sql();
              case SqlScanner.Meta meta -> "\\" + meta.text();
            });
      }
    }
    return items;
  }

  @Test
  void aSemicolonEndsAStatementOutsideQuotesAndComments() {
    assertThat(scan("select 1; select 2;")).containsExactly("select 1;", "select 2;");
    assertThat(scan("select ';' , \";\";")).containsExactly("select ';' , \";\";");
    assertThat(scan("select 'it''s;';")).containsExactly("select 'it''s;';");
    assertThat(scan("select 1 -- no; end\n;")).containsExactly("select 1 -- no; end\n;");
    assertThat(scan("select /* a /* ; */ ; */ 1;")).containsExactly("select /* a /* ; */ ; */ 1;");
    assertThat(scan(";;  ;")).isEmpty();
    assertThat(scanner.isPending()).isFalse();
  }

  @Test
  void backslashesEscapeOnlyInEscapeStrings() {
    assertThat(scan("select 'a\\'; select E'b\\';c';"))
        .containsExactly("select 'a\\';", "select E'b\\';c';");
    scanner.setStandardStrings(false);
    assertThat(scan("select 'a\\';b';")).containsExactly("select 'a\\';b';");
    assertThat(scan("select name'x\\';y';")).containsExactly("select name'x\\';y';");
  }

  @Test
  void dollarQuotesHoldAnythingUpToTheirTag() {
    assertThat(scan("do $$ begin; end $$; select $1;"))
        .containsExactly("do $$ begin; end $$;", "select $1;");
    assertThat(scan("select $a$ ; $$ ; $b$ ; $a$;"))
        .containsExactly("select $a$ ; $$ ; $b$ ; $a$;");
    assertThat(scan("select a$b$; select 1;")).containsExactly("select a$b$;", "select 1;");
  }

  @Test
  void parenthesesAndAtomicBodiesHoldSemicolons() {
    assertThat(scan("create rule r as on insert to t do (select 1; select 2);")).hasSize(1);
    assertThat(
            scan(
                "create or replace function f() returns int begin atomic\n select case when true"
                    + " then 1 end;\n select 2; end;\nselect 3;"))
        .hasSize(2)
        .endsWith("select 3;");
    assertThat(scan("begin; select 1; end;")).hasSize(3);
  }

  @Test
  void metaCommandsEndWithTheLineOrAtTheNextOne() {
    assertThat(scan("select 1 \\gx\n\\x \\dt foo\n\\set a 'x\\\\y' \\\\ select 2;"))
        .containsExactly("\\gx", "\\x", "\\dt foo", "\\set a 'x\\\\y'", "select 1 \n\n select 2;");
  }

  @Test
  void aDoubleBackslashReturnsToSql() {
    assertThat(scan("\\x \\\\ select 2;")).containsExactly("\\x", "select 2;");
    assertThat(scan("\\copy t from 'a\\b' csv")).containsExactly("\\copy t from 'a\\b' csv");
  }

  @Test
  void variablesAreReplacedOutsideQuotes() throws ShellException {
    variables.set("x", "5");
    variables.set("s", "it's \\");
    assertThat(scan("select :x, ':x', a::x, :unknown, :'s', :\"s\", :{?x}, :{?y};"))
        .containsExactly(
            "select 5, ':x', a::x, :unknown,  E'it''s \\\\', \"it's \\\", TRUE, FALSE;");
  }

  @Test
  void statementsKnowTheirLines() {
    scanner.append("");
    assertThat(scanner.next(variables)).isNull();
    scanner.append("  select");
    assertThat(scanner.next(variables)).isNull();
    scanner.append("  1;");
    assertThat(scanner.next(variables)).isEqualTo(new SqlScanner.Statement("select\n  1;", 2));
  }

  @Test
  void anUnfinishedStatementIsPending() {
    for (String text : List.of("select", "'", "/*", "$$ x", "(", "\"")) {
      scanner.reset();
      assertThat(scan(text)).isEmpty();
      assertThat(scanner.isPending()).as(text).isTrue();
    }
    scanner.reset();
    scan("-- a comment");
    assertThat(scanner.isPending()).isFalse();
  }

  @Test
  void anyTextIsCutWithoutLossOrLoop() {
    String alphabet = "ae'\"$;:\\/*-()\n 1Ex";
    for (int seed = 0; seed < 3_000; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(60); i >= 0; i--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      scanner.reset();
      int length = String.join("", scan(text.toString())).length() + scanner.buffer().length();
      assertThat(length).as("seed %d: %s", seed, text).isLessThanOrEqualTo(text.length() + 1);
    }
  }

  @Test
  void theEditorKnowsAWholeStatement() {
    assertThat(StatementParser.isWhole("select 1;")).isTrue();
    assertThat(StatementParser.isWhole("select 1")).isFalse();
    assertThat(StatementParser.isWhole("select ';")).isFalse();
    assertThat(StatementParser.isWhole("select 1\n\\gx")).isTrue();
    assertThat(StatementParser.isWhole("\\d x")).isTrue();
    assertThat(StatementParser.isWhole("")).isTrue();
    assertThat(StatementParser.isWhole("-- x")).isTrue();
    assertThat(StatementParser.isWhole("exit")).isTrue();
  }
}
