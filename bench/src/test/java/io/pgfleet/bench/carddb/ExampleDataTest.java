package io.pgfleet.bench.carddb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The CSV files in {@code examples/carddb}: what is known of these packs must hold of them. */
final class ExampleDataTest {
  private static final Path FOLDER = Path.of("..", "examples", "carddb");
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Card(String set, int number, String name, JsonNode attributes) {
    int number(String attribute) {
      return attributes.path(attribute).asInt(0);
    }
  }

  private static List<Card> cards() throws IOException {
    return rows("cards.csv").stream()
        .map(row ->
            new Card(
                row.get(0), Integer.parseInt(row.get(1)), row.get(2), JSON.readTree(row.get(3))))
        .toList();
  }

  private static List<Card> cards(String set) throws IOException {
    return cards().stream().filter(card -> card.set().equals(set)).toList();
  }

  /** Lines of CSV, header left out; fields hold no line ends here. */
  private static List<List<String>> rows(String file) throws IOException {
    return Files.readAllLines(FOLDER.resolve(file)).stream()
        .skip(1)
        .map(ExampleDataTest::fields)
        .toList();
  }

  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        field.append(c);
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString());
    return fields;
  }

  @Test
  void everySetHasAsManyCardsAsItSaysNumberedFromOne() throws IOException {
    Map<String, Integer> said = new LinkedHashMap<>();
    for (List<String> set : rows("sets.csv")) {
      said.put(set.get(0), Integer.parseInt(set.get(5)));
    }
    assertThat(said)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "rws", 78,
                "french", 54,
                "hanafuda", 48,
                "spanish", 48,
                "bavarian", 36,
                "neapolitan", 40));
    Map<String, Integer> counted = new LinkedHashMap<>();
    for (Card card : cards()) {
      int number = counted.merge(card.set(), 1, Integer::sum);
      assertThat(card.number()).as(card.name()).isEqualTo(number);
    }
    assertThat(counted).isEqualTo(said);
  }

  @Test
  void everyCardHasANameOfItsOwnAndAttributes() throws IOException {
    Set<List<String>> names = new HashSet<>();
    for (Card card : cards()) {
      assertThat(names.add(List.of(card.set(), card.name()))).as(card.name()).isTrue();
      assertThat(card.attributes().isObject()).as(card.name()).isTrue();
      assertThat(card.attributes().isEmpty()).as(card.name()).isFalse();
    }
  }

  @Test
  void theTarotHasTwentyTwoTrumpsWithStrengthBeforeJustice() throws IOException {
    List<Card> majors =
        cards("rws").stream()
            .filter(card -> card.attributes().path("arcana").asString().equals("major"))
            .toList();
    assertThat(majors).hasSize(22);
    assertThat(majors.get(8).name()).isEqualTo("Strength");
    assertThat(majors.get(11).name()).isEqualTo("Justice");
  }

  @Test
  void pointsAddUpToWhatPlayersKnow() throws IOException {
    assertThat(cards("hanafuda").stream().mapToInt(card -> card.number("points")).sum())
        .isEqualTo(264);
    assertThat(cards("bavarian").stream().mapToInt(card -> card.number("points")).sum())
        .isEqualTo(120);
    assertThat(cards("neapolitan").stream().mapToInt(card -> card.number("points")).sum())
        .isEqualTo(120);
  }

  @Test
  void hanafudaHasFiveBrightsNineAnimalsTenRibbonsAndTwentyFourPlainCards() throws IOException {
    Map<String, Integer> kinds = new LinkedHashMap<>();
    Map<Integer, Integer> months = new LinkedHashMap<>();
    for (Card card : cards("hanafuda")) {
      kinds.merge(card.attributes().path("kind").asString(), 1, Integer::sum);
      months.merge(card.number("month"), 1, Integer::sum);
    }
    assertThat(kinds).isEqualTo(Map.of("bright", 5, "animal", 9, "ribbon", 10, "plain", 24));
    assertThat(months).hasSize(12).allSatisfy((_, count) -> assertThat(count).isEqualTo(4));
  }

  @Test
  void threeFrenchCourtCardsShowOneEyeAndEveryGlyphIsAPlayingCard() throws IOException {
    List<Card> french = cards("french");
    assertThat(
            french.stream()
                .filter(card -> card.attributes().path("one_eyed").asBoolean(false))
                .map(Card::name))
        .containsExactly("Jack of Spades", "Jack of Hearts", "King of Diamonds");
    assertThat(french)
        .allSatisfy(card ->
            assertThat(Character.getName(card.attributes().path("glyph").asString().codePointAt(0)))
                .isEqualTo("PLAYING CARD " + card.name().toUpperCase(Locale.ROOT)));
  }
}
