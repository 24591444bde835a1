package io.pgfleet.spec;

import io.pgfleet.spec.setting.Problem;
import io.pgfleet.spec.setting.Reading;
import io.pgfleet.spec.setting.Values;
import io.pgfleet.spec.setting.YamlText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads {@code fleet.yaml}: YAML 1.2, checked as a whole, with every default filled in. Nothing in
 * it is mended silently; all that is wrong is reported at once. Its JSON Schema is the resource
 * {@code fleet.schema.json} beside this class.
 */
public final class FleetFile {
  private static final int LARGEST_BYTES = 1 << 20;
  private static final int MOST_PROBLEMS = 100;

  private FleetFile() {}

  /** What an empty file, or none, means. */
  public static FleetSpec defaults() {
    try {
      return parse("", Path.of("fleet.yaml"));
    } catch (SpecException e) {
      throw new IllegalStateException("the defaults contradict each other", e);
    }
  }

  /**
   * Reads a file.
   *
   * @throws SpecException if it cannot be read or anything in it is wrong
   */
  public static FleetSpec load(Path file) throws SpecException {
    return FleetRecords.record(values(text(file), file));
  }

  /**
   * Every setting of a file that has a value, defaults included: how it is written, by its path of
   * keys. What is secret is not shown.
   *
   * @throws SpecException if it cannot be read or anything in it is wrong
   */
  public static Map<String, String> settings(Path file) throws SpecException {
    return FleetKeys.SECTION.shown("", values(text(file), file));
  }

  /** The same for no file. */
  public static Map<String, String> defaultSettings() {
    try {
      return FleetKeys.SECTION.shown("", values("", Path.of("fleet.yaml")));
    } catch (SpecException e) {
      throw new IllegalStateException("the defaults contradict each other", e);
    }
  }

  private static CharSequence text(Path file) throws SpecException {
    byte[] bytes;
    if (Files.isDirectory(file)) {
      throw whole(file, "this is a folder, expected a file", "name the fleet.yaml in it");
    }
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LARGEST_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw whole(file, "no such file", "check the path; without a file the defaults are used");
    } catch (IOException e) {
      throw whole(file, "the file cannot be read", "check its permissions");
    }
    checkSize(bytes.length, file);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
    } catch (CharacterCodingException e) {
      throw whole(file, "the file is not UTF-8 text", "save it as UTF-8; is it the right file?");
    }
  }

  /**
   * Reads the text of a file; relative paths in it start from the origin's folder.
   *
   * @throws SpecException if anything in it is wrong
   */
  public static FleetSpec parse(String text, Path origin) throws SpecException {
    checkSize(text.getBytes(StandardCharsets.UTF_8).length, origin);
    return FleetRecords.record(values(text, origin));
  }

  private static Values values(CharSequence characters, Path origin) throws SpecException {
    // A byte order mark is no part of the text.
    String text = characters.toString().replaceFirst("^\uFEFF", "");
    Path absolute = origin.toAbsolutePath();
    Path folder = absolute.getParent();
    Reading reading = new Reading(folder == null ? absolute : folder);
    Values fleet = YamlText.read(text, FleetKeys.SECTION, reading);
    new FleetRules(fleet).check();
    List<Problem> problems = reading.problems();
    if (problems.isEmpty()) {
      return fleet;
    }
    throw new SpecException(described(problems, origin, text, reading));
  }

  private static List<SpecProblem> described(
      List<Problem> problems, Path file, String text, Reading reading) {
    SourceLines source = new SourceLines(text, reading.secrets());
    List<SpecProblem> described = new ArrayList<>();
    for (Problem problem : problems.subList(0, Math.min(problems.size(), MOST_PROBLEMS))) {
      described.add(
          new SpecProblem(
              file,
              problem.at().line(),
              problem.at().column(),
              problem.path(),
              problem.message(),
              problem.hint(),
              source.at(problem.at())));
    }
    if (problems.size() > MOST_PROBLEMS) {
      int more = problems.size() - MOST_PROBLEMS;
      described.add(
          new SpecProblem(file, 0, 0, "", "and " + more + " more problems", Optional.empty(), ""));
    }
    return described;
  }

  private static void checkSize(int bytes, Path file) throws SpecException {
    if (bytes > LARGEST_BYTES) {
      throw whole(file, "the file is larger than 1 MiB", "is this the right file?");
    }
  }

  private static SpecException whole(Path file, String message, String hint) {
    return new SpecException(
        List.of(new SpecProblem(file, 0, 0, "", message, Optional.of(hint), "")));
  }
}
