package io.pgfleet.spec;

import io.pgfleet.spec.setting.Choice;
import io.pgfleet.spec.setting.Counted;
import io.pgfleet.spec.setting.Keyed;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Text;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The page {@code docs/fleet-yaml.md}, made from the declaration and the sample files. */
final class ReferencePage {
  private static final String BROKEN =
      """
      groups:
        main:
          durability: quorom
      gateway:
        query_wait_timeout: 5 minutes
        pool_mod: session
      """;

  private final StringBuilder page = new StringBuilder();

  private ReferencePage() {}

  static String text() {
    ReferencePage made = new ReferencePage();
    made.introduction();
    made.examples();
    made.reference();
    made.errors();
    return made.page.toString();
  }

  private void introduction() {
    page.append(
        """
        # fleet.yaml

        <!-- Made from the declarations in the module spec. Do not edit: GeneratedDocsTest says how to make it anew. -->

        One file says what a fleet is. Everything in it is optional: an empty file, or none, means one group `main` of
        three nodes `n1`, `n2` and `n3` on this machine, a gateway on port 6432, and a database `app` owned by a user
        `app`.

        - The file is YAML 1.2 in UTF-8, at most 1 MiB, one document, without aliases and tags.
        - Durations are a whole number and a unit: `ms`, `s`, `m`, `h` or `d`, such as `90s`.
        - Relative paths start from the folder of the file. `~` is not replaced.
        - A section with nothing in it is the same as none. Nothing is mended silently: an unknown key, a value out of
          range, or a key given twice is an error. Text that looks like a number goes in quotes.
        - Passwords do not stand in the file.
        - Nodes, the gateway and consensus each need a port of their own on their host.

        `pgfleet validate fleet.yaml` checks a file without running anything. Editors complete and check it with the
        JSON Schema [fleet.schema.json](fleet.schema.json); with the YAML language server, name a copy of it in the first
        line:

        ```yaml
        # yaml-language-server: $schema=fleet.schema.json
        ```

        """);
  }

  private void examples() {
    page.append("## Two examples\n\n");
    page.append(
        """
        A database for an application, its schema loaded when it is made. Three nodes on this machine, since nothing
        else is said; the password of `shop` is generated.

        """);
    block("yaml", Samples.text("app/fleet.yaml"));
    page.append(
        """
        An installed PostgreSQL with settings of its own, nodes named and placed in regions, one of them with its data
        elsewhere, a gateway for other machines, and users whose passwords come from outside.

        """);
    block("yaml", Samples.text("regions/fleet.yaml"));
  }

  private void reference() {
    Map<String, Section> sections = new LinkedHashMap<>();
    sections.put("", FleetKeys.SECTION);
    for (Samples.Located located : Samples.settings()) {
      located
          .section()
          .ifPresent(section ->
              sections.put(
                  located.setting().kind() instanceof Section
                      ? located.path()
                      : located.path() + ".NAME",
                  section));
    }
    page.append("## Reference\n\n`NAME` stands for a name of your own.\n\n");
    sections.forEach((path, section) -> {
      page.append("### ").append(path.isEmpty() ? "The whole file" : "`" + path + "`");
      page.append("\n\n| key | value | default | meaning |\n|---|---|---|---|\n");
      section.settings().forEach(this::row);
      page.append('\n');
      rule(section);
    });
    page.append(
        "These settings are not for `postgres.settings`:\n\n| setting | why |\n|---|---|\n");
    PostgresKeys.decidedHere().entrySet().stream()
        .collect(
            Collectors.groupingBy(
                Map.Entry::getValue,
                LinkedHashMap::new,
                Collectors.mapping(e -> "`" + e.getKey() + "`", Collectors.joining(", "))))
        .forEach((reason, names) -> page.append("| %s | %s |\n".formatted(names, reason)));
    page.append('\n');
  }

  private void row(Setting<?> setting) {
    String absence =
        switch (setting.absence()) {
          case Setting.Default(String yaml) -> yaml.equals("{}") ? "" : "`" + yaml + "`";
          case Setting.Otherwise(String words) -> words;
          case Setting.Required _ -> "must be given";
        };
    String value =
        switch (setting.kind()) {
          case Choice<?> choice -> quoted(choice.words().keySet(), " or ");
          case Text text -> text.noun() + " (" + text.words() + ")";
          case Keyed<?> keyed -> keyed.noun() + " (" + keyed.name().words() + ")";
          case Counted<?> counted ->
              counted.expectation() + " (" + counted.keyed().name().words() + ")";
          default -> setting.kind().expectation();
        };
    page.append(
        "| `%s` | %s | %s | %s |\n".formatted(setting.key(), value, absence, setting.sentence()));
  }

  private void rule(Section section) {
    switch (section.rule()) {
      case Section.Free _ -> {}
      case Section.AtMostOne(List<String> keys) ->
          page.append("At most one of ").append(quoted(keys, " and ")).append(" is given.\n\n");
      case Section.ExactlyOne _ ->
          page.append("One of ")
              .append(quoted(section.settings().stream().map(Setting::key).toList(), " and "))
              .append(" is given.\n\n");
    }
  }

  private void errors() {
    page.append(
        """
        ## Errors

        All that is wrong is told at once, with line, column, what was expected, and what was probably meant. Of the
        file

        """);
    block("yaml", BROKEN);
    page.append("pgfleet says\n\n");
    try {
      FleetFile.parse(BROKEN, Path.of("fleet.yaml"));
      throw new IllegalStateException("the broken example is not broken");
    } catch (SpecException e) {
      block("text", e.getMessage() + "\n");
    }
    page.setLength(page.length() - 1);
  }

  private void block(String language, String text) {
    page.append("```").append(language).append('\n').append(text).append("```\n\n");
  }

  private static String quoted(Collection<String> words, String between) {
    return words.stream().map(word -> "`" + word + "`").collect(Collectors.joining(between));
  }
}
