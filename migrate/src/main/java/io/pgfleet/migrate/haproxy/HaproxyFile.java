package io.pgfleet.migrate.haproxy;

import io.pgfleet.migrate.Draft;
import io.pgfleet.migrate.Finding.Verdict;
import io.pgfleet.migrate.Migration;
import io.pgfleet.migrate.MigrationException;
import io.pgfleet.migrate.haproxy.HaproxyText.Line;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Turns the part of a haproxy.cfg that stands before PostgreSQL into fleet.yaml. */
public final class HaproxyFile {
  private static final int LARGEST = 4 << 20;
  private static final Set<String> SECTIONS =
      Set.of(
          "global",
          "defaults",
          "frontend",
          "backend",
          "listen",
          "peers",
          "resolvers",
          "userlist",
          "mailers",
          "program",
          "http-errors",
          "ring",
          "cache",
          "fcgi-app",
          "log-forward",
          "crt-store",
          "traces",
          "log-profile",
          "acme");

  private final Draft draft;
  private final Path file;
  private final ProxyLines lines;
  private String usualMode = "http";

  private HaproxyFile(Draft draft, Path file) {
    this.draft = draft;
    this.file = file;
    this.lines = new ProxyLines(draft, file);
  }

  /**
   * Reads a file.
   *
   * @throws MigrationException if it can't be read
   */
  public static Migration migrate(Path file) throws MigrationException {
    try {
      if (Files.isDirectory(file)) {
        throw new MigrationException(file + " is a folder; name the file in it");
      }
      if (Files.size(file) > LARGEST) {
        throw new MigrationException(file + " is larger than 4 MiB; is it the right file?");
      }
      return migrate(file, new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new MigrationException(file + " can't be read: " + e.getMessage());
    }
  }

  static Migration migrate(Path name, String text) {
    Draft draft = new Draft(name);
    new HaproxyFile(draft, name).sections(HaproxyText.read(text));
    return draft.finish();
  }

  private void sections(List<Line> all) {
    List<ProxySection> sections = new ArrayList<>();
    for (Line line : all) {
      if (SECTIONS.contains(line.first())) {
        sections.add(new ProxySection(line.first(), line.word(1), line.number()));
      } else if (sections.isEmpty()) {
        draft.note(file, line.number(), Verdict.WRONG, line.first(), "stands before any section");
      } else {
        sections.getLast().lines.add(line);
      }
    }
    for (ProxySection section : sections) {
      section(section);
    }
    lines.finish();
  }

  private void section(ProxySection section) {
    switch (section.kind) {
      case "global" -> section.lines.forEach(lines::global);
      case "defaults" -> {
        usualMode = section.mode(usualMode);
        section.lines.forEach(line -> lines.proxy(section, line));
      }
      case "frontend", "backend", "listen" -> proxy(section);
      default ->
          draft.note(
              file,
              section.line,
              Verdict.LEFT,
              section.title(),
              "no part of what the gateway does; look whether something else needs it");
    }
  }

  private void proxy(ProxySection section) {
    boolean statistics =
        section.lines.stream().anyMatch(line -> line.first().equals("stats"))
            && section.lines.stream().noneMatch(line -> line.first().equals("server"));
    if (statistics) {
      draft.note(
          file,
          section.line,
          Verdict.NOT_NEEDED,
          section.title(),
          "the page of statistics: 'pgfleet status', the database pgbouncer and /metrics"
              + " (gateway.metrics) tell more");
    } else if (!section.isPostgres(usualMode)) {
      draft.note(
          file,
          section.line,
          Verdict.LEFT,
          section.title(),
          "does not look like PostgreSQL (mode "
              + section.mode(usualMode)
              + "); it stays with HAProxy, or another load balancer");
    } else {
      section.lines.forEach(line -> lines.proxy(section, line));
    }
  }
}
