package io.pgfleet.migrate;

import io.pgfleet.migrate.Finding.Verdict;
import io.pgfleet.spec.FleetFile;
import io.pgfleet.spec.SpecException;
import io.pgfleet.spec.SpecProblem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A fleet.yaml in the making, and the report on it. */
public final class Draft {
  private static final String PLAIN = "[A-Za-z_/][A-Za-z0-9_./-]*|[0-9]+(ms|s|m|h|d)?";

  private final Map<String, Object> root = new LinkedHashMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private final Path origin;

  /**
   * @param origin the file that is read, for the YAML's first line
   */
  public Draft(Path origin) {
    this.origin = origin;
  }

  /** Says what became of a line. */
  public void note(Path file, int line, Verdict verdict, String subject, String words) {
    findings.add(new Finding(file, line, verdict, subject, words));
  }

  /** Sets a value at a path of keys; false if there is one already. */
  public boolean put(Object value, String... path) {
    Map<String, Object> at = root;
    for (int i = 0; i < path.length - 1; i++) {
      Object next = at.computeIfAbsent(path[i], absent -> new LinkedHashMap<String, Object>());
      at = mapping(next);
    }
    return at.putIfAbsent(path[path.length - 1], value) == null;
  }

  /** The value at a path of keys, or an empty text. */
  public String get(String... path) {
    Object at = root;
    for (String key : path) {
      at = at instanceof Map<?, ?> map && map.get(key) != null ? map.get(key) : "";
    }
    return at.toString();
  }

  /** Takes a value back. */
  public void remove(String... path) {
    Map<String, Object> at = root;
    for (int i = 0; i < path.length - 1; i++) {
      if (!(at.get(path[i]) instanceof Map<?, ?>)) {
        return;
      }
      at = mapping(at.get(path[i]));
    }
    at.remove(path[path.length - 1]);
  }

  @SuppressWarnings("unchecked") // only maps of texts are ever put in
  private static Map<String, Object> mapping(Object value) {
    return (Map<String, Object>) value;
  }

  /** The outcome. What pgfleet itself would refuse is taken out, and reported as wrong. */
  public Migration finish() {
    String yaml = write();
    for (int tries = 0; tries < 100; tries++) {
      try {
        FleetFile.parse(yaml, Path.of("fleet.yaml"));
        break;
      } catch (SpecException e) {
        SpecProblem problem = e.problems().getFirst();
        String[] path = path(problem.path());
        note(
            origin,
            0,
            Verdict.WRONG,
            problem.path().isEmpty() ? "fleet.yaml" : problem.path(),
            problem.message()
                + problem.hint().map(hint -> " (" + hint + ")").orElse("")
                + "; left out");
        String before = yaml;
        while (path.length > 0 && yaml.equals(before)) {
          remove(path);
          yaml = write();
          path = java.util.Arrays.copyOf(path, path.length - 1);
        }
        if (yaml.equals(before)) {
          root.clear();
          yaml = write();
        }
      }
    }
    List<Finding> ordered = new ArrayList<>(findings);
    ordered.sort(
        Comparator.comparing((Finding finding) -> finding.file().toString())
            .thenComparingInt(Finding::line));
    return new Migration(yaml, ordered);
  }

  private static String[] path(String dotted) {
    return dotted.isEmpty() ? new String[0] : dotted.split("\\.");
  }

  private String write() {
    StringBuilder yaml = new StringBuilder();
    yaml.append("# Made from ").append(oneLine(origin.toString())).append(" by pgfleet import.\n");
    write(root, 0, yaml);
    return yaml.toString();
  }

  private static void write(Map<String, Object> map, int depth, StringBuilder yaml) {
    map.forEach((key, value) -> {
      yaml.repeat("  ", depth).append(scalar(key)).append(':');
      switch (value) {
        case Map<?, ?> nested when nested.isEmpty() -> yaml.append(" {}\n");
        case Map<?, ?> nested -> {
          yaml.append('\n');
          write(mapping(nested), depth + 1, yaml);
        }
        case List<?> list ->
            yaml.append(" [")
                .append(
                    String.join(", ", list.stream().map(item -> scalar(item.toString())).toList()))
                .append("]\n");
        case Number number -> yaml.append(' ').append(number).append('\n');
        case Boolean flag -> yaml.append(' ').append(flag).append('\n');
        default -> yaml.append(' ').append(scalar(value.toString())).append('\n');
      }
    });
  }

  /** A text as YAML takes it for a text, in quotes where it might be taken for something else. */
  private static String scalar(String text) {
    boolean word = text.matches(PLAIN) && !text.matches("(?i)true|false|null|yes|no|[0-9]+");
    return word ? text : "'" + oneLine(text).replace("'", "''") + "'";
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}
