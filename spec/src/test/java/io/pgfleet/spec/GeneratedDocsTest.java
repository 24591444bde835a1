package io.pgfleet.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The reference page and the JSON Schema in the folder docs say what the declarations say. */
class GeneratedDocsTest {
  private static final String HOW =
      "docs/%s is not what the declarations say; make it anew with\n"
          + "  mvn -q -B -pl spec -am test -Dtest=GeneratedDocsTest -Dregenerate"
          + " -Dsurefire.failIfNoSpecifiedTests=false\n";

  @Test
  void theReferencePageIsUpToDate() throws IOException {
    check("fleet-yaml.md", ReferencePage.text());
  }

  @Test
  void theSchemaIsUpToDate() throws IOException {
    check("fleet.schema.json", SchemaPage.text());
  }

  @Test
  void theProgramHoldsTheSchema() {
    // Regenerating in this very run comes after the resource was copied.
    if (System.getProperty("regenerate") == null) {
      assertThat(Samples.text("fleet.schema.json")).isEqualTo(SchemaPage.text());
    }
  }

  @Test
  void everySettingIsDescribedInASentence() {
    assertThat(Samples.settings())
        .extracting(located -> located.setting().sentence())
        .allMatch(sentence -> sentence.matches("[A-Z](?s).*[.]"));
  }

  @Test
  void theExamplesOfThePageAreValid() throws SpecException {
    for (String name : List.of("app", "regions")) {
      Path file = Path.of("src/test/resources/io/pgfleet/spec", name, "fleet.yaml");
      assertThat(FleetFile.load(file).name()).isEqualTo(new FleetName("shop"));
    }
  }

  private static void check(String name, String expected) throws IOException {
    Path file = Path.of("..", "docs", name);
    if (System.getProperty("regenerate") != null) {
      Files.createDirectories(Path.of("..", "docs"));
      Files.writeString(file, expected);
    }
    assertThat(Files.exists(file) ? Files.readString(file) : "").as(HOW, name).isEqualTo(expected);
  }
}
