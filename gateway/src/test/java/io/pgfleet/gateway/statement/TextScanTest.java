package io.pgfleet.gateway.statement;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TextScanTest {
  private static final List<String> WORDS =
      List.of(
          "SELECT",
          "now()",
          "f(x)",
          "FROM t",
          "; ",
          "UPDATE t SET a = 1",
          "'text'",
          "$1",
          "LISTEN c",
          "/* pgfleet:primary */",
          "BEGIN",
          "COMMIT",
          "SET",
          "TimeZone",
          "=",
          "pg_stat_activity",
          "INTO");

  private final TextScan remembering = new TextScan();
  private final StatementScan plain = new StatementScan();

  private void same(String text, int before, TrackedNames names) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer = ByteBuffer.allocateDirect(before + bytes.length + 9);
    buffer.put(before, bytes);
    int flags = remembering.scan(buffer, before, before + bytes.length, names);
    assertThat(flags)
        .as(text)
        .isEqualTo(plain.scan(ByteBuffer.wrap(bytes), 0, bytes.length, names));
    assertThat(remembering.reads().shape()).as(text).isEqualTo(plain.reads().shape());
    assertThat(remembering.reads().calls()).as(text).isEqualTo(plain.reads().calls());
    assertThat(remembering.reads().callCount()).as(text).isEqualTo(plain.reads().callCount());
    assertThat(remembering.reads().why()).as(text).isEqualTo(plain.reads().why());
    assertThat(remembering.reads().whyHash()).as(text).isEqualTo(plain.reads().whyHash());
  }

  @Test
  void aTextThatComesAgainGivesWhatItGaveBefore() {
    Random random = new Random(5);
    for (int round = 0; round < 3000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(12); i >= 0; i--) {
        text.append(WORDS.get(random.nextInt(WORDS.size()))).append(' ');
      }
      for (int again = 0; again < 4; again++) {
        same(text.toString(), random.nextInt(20), TrackedNames.USUAL);
      }
    }
  }

  @Test
  void textsThatDifferInAnyOneByteAreToldApart() {
    byte[] bytes = "UPDATE t SET a = f(1), b = 'x' WHERE c = 2".getBytes(StandardCharsets.UTF_8);
    String text = new String(bytes, StandardCharsets.UTF_8);
    for (int again = 0; again < 3; again++) {
      same(text, 0, TrackedNames.USUAL);
    }
    for (int i = 0; i < bytes.length; i++) {
      byte[] other = Arrays.copyOf(bytes, bytes.length);
      other[i] = ';';
      same(new String(other, StandardCharsets.UTF_8), 3, TrackedNames.USUAL);
      same(text.substring(0, i), 3, TrackedNames.USUAL);
      same(text, 1, TrackedNames.USUAL);
    }
  }

  @Test
  void whatIsTrackedDecidesToo() {
    String text = "SET search_path = some_schema, another_schema";
    TrackedNames others = TrackedNames.of(List.of("search_path"));
    for (int again = 0; again < 4; again++) {
      same(text, 0, TrackedNames.USUAL);
      same(text, 0, others);
    }
  }
}
