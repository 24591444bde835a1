package io.pgfleet.cli.sql.print;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.cli.sql.print.PrintStyle.Expanded;
import io.pgfleet.cli.sql.print.PrintStyle.Layout;
import io.pgfleet.wire.client.Column;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowPrinterTest {
  private static final PrintStyle STANDARD = PrintStyle.standard();
  private static final List<Column> COLUMNS = List.of(column("id", 23), column("name", 25));

  private static Column column(String name, long type) {
    return new Column(name, 0, 0, type, -1, -1);
  }

  private static String print(PrintStyle style, List<Column> columns, @Nullable String[]... rows)
      throws IOException {
    StringWriter out = new StringWriter();
    RowPrinter printer = RowPrinter.of(style, columns, null, out);
    for (@Nullable String[] row : rows) {
      printer.row(row);
    }
    printer.end(null);
    return out.toString();
  }

  private static @Nullable String[] row(@Nullable String... values) {
    return values;
  }

  @Test
  void numbersStandRightAndTextLeft() throws IOException {
    assertThat(print(STANDARD, COLUMNS, row("1", "a"), row("100", "bcd ef")))
        .isEqualTo(
            """
             id  |  name \s
            -----+--------
               1 | a
             100 | bcd ef
            (2 rows)

            """);
  }

  @Test
  void wideCharactersTakeTwoColumnsAndMarksNone() throws IOException {
    assertThat(print(STANDARD, COLUMNS, row("1", "漢字"), row("2", "😀"), row("3", "e\u0301x")))
        .contains(" id | name \n")
        .contains("  1 | 漢字\n")
        .contains("  2 | 😀\n");
    assertThat(Terminal.width("漢字😀e\u0301")).isEqualTo(7);
    assertThat(Terminal.width("각ｱＡ\u200b")).isEqualTo(5);
  }

  @Test
  void aValueOfSeveralLinesGoesOnWithAMark() throws IOException {
    assertThat(print(STANDARD, COLUMNS, row("1", "ab\ncde")))
        .isEqualTo(
            """
             id | name\s
            ----+------
              1 | ab  +
                | cde
            (1 row)

            """);
  }

  @Test
  void controlCharactersNeverReachTheTerminal() throws IOException {
    assertThat(print(STANDARD, COLUMNS, row("1", "\u001b[31mred\u009b\r")))
        .contains("\\x1B[31mred\\u009B\\r")
        .doesNotContain("\u001b");
  }

  @Test
  void nullShowsAsConfiguredAndJsonHasItsOwn() throws IOException {
    PrintStyle style = STANDARD.withNullText("(null)");
    assertThat(print(style, COLUMNS, row("1", null))).contains("| (null)\n");
    assertThat(print(style.withLayout(Layout.JSON), COLUMNS, row(null, null)))
        .isEqualTo("[{\"id\": null, \"name\": null}]\n");
  }

  @Test
  void expandedRecordsHaveALineForEachValue() throws IOException {
    assertThat(print(STANDARD.withExpanded(Expanded.ON), COLUMNS, row("1", "x"), row("2", null)))
        .isEqualTo(
            """
            -[ RECORD 1 ]
            id   | 1
            name | x
            -[ RECORD 2 ]
            id   | 2
            name |\s

            """);
  }

  @Test
  void autoExpandsOnlyWhatIsTooWide() throws IOException {
    PrintStyle style = STANDARD.withExpanded(Expanded.AUTO).withWidth(20);
    assertThat(print(style, COLUMNS, row("1", "short"))).contains("(1 row)");
    assertThat(print(style, COLUMNS, row("1", "x".repeat(30)))).contains("[ RECORD 1 ]");
  }

  @Test
  void csvQuotesWhatNeedsIt() throws IOException {
    assertThat(
            print(
                STANDARD.withLayout(Layout.CSV),
                COLUMNS,
                row("1", "a,b"),
                row("2", "say \"x\""),
                row("3", "two\nlines"),
                row(null, "\\.")))
        .isEqualTo("id,name\n1,\"a,b\"\n2,\"say \"\"x\"\"\"\n3,\"two\nlines\"\n,\"\\.\"\n");
    assertThat(print(STANDARD.withLayout(Layout.CSV), COLUMNS)).isEqualTo("id,name\n");
  }

  @Test
  void jsonKeepsTypesAndEscapes() throws IOException {
    List<Column> columns =
        List.of(column("n", 1700), column("b", 16), column("j", 3802), column("t\"", 25));
    assertThat(
            print(
                STANDARD.withLayout(Layout.JSON),
                columns,
                row("1.50", "t", "{\"a\": 1}", "x\n\"\u0001"),
                row("NaN", "f", null, "")))
        .isEqualTo(
            String.join(
                "\n",
                "[{\"n\": 1.50, \"b\": true, \"j\": {\"a\": 1}, \"t\\\"\": \"x\\n\\\"\\u0001\"},",
                " {\"n\": \"NaN\", \"b\": false, \"j\": null, \"t\\\"\": \"\"}]",
                ""));
    assertThat(print(STANDARD.withLayout(Layout.JSON), columns)).isEqualTo("[]\n");
  }

  @Test
  void unalignedRowsAreBare() throws IOException {
    PrintStyle style = STANDARD.withLayout(Layout.UNALIGNED);
    assertThat(print(style, COLUMNS, row("1", "a"))).isEqualTo("id|name\n1|a\n(1 row)\n");
    assertThat(print(style.withTuplesOnly(true).withSeparator("\t"), COLUMNS, row("1", "a")))
        .isEqualTo("1\ta\n");
  }

  @Test
  void rowsBeyondTheWindowStreamAtTheWidthsOfTheFirst() throws IOException {
    @Nullable String[][] rows = new String[1_500][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = row("" + i, i == 1_400 ? "much wider than before" : "x");
    }
    String text = print(STANDARD, COLUMNS, rows);
    assertThat(text).startsWith(" id  | name \n-----+------\n   0 | x\n");
    assertThat(text).contains("\n 1400 | much wider than before\n").endsWith("(1500 rows)\n\n");
  }
}
