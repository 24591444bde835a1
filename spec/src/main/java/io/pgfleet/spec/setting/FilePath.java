package io.pgfleet.spec.setting;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A file or folder (the noun, with its article), made absolute from the folder of the text. With
 * {@code present} it must be a readable file.
 */
public record FilePath(String noun, boolean present) implements Kind<Path> {
  /** What a path matches as a whole: neither blank nor in need of a shell. */
  public static final String FORM = "(?!~)(?=.*[^ ])[^\\u0000-\\u001f]+";

  @Override
  public String expectation() {
    return noun;
  }

  @Override
  public Optional<Path> read(Place place, Node node) {
    Optional<String> text = Nodes.scalar(node, Tag.STR);
    if (text.isEmpty()) {
      return mistyped(place, node);
    }
    if (!text.get().matches(FORM)) {
      place.refuse(
          "'" + place.shown(text.get()) + "' is not the path of " + noun,
          text.get().startsWith("~")
              ? "write the home folder out, ~ is not replaced"
              : "write a path; a relative one starts from the folder of this file");
      return Optional.empty();
    }
    try {
      Path path = place.reading().folder().resolve(text.get()).normalize();
      return !present || isThere(place, path) ? Optional.of(path) : Optional.empty();
    } catch (InvalidPathException e) {
      place.refuse("'" + place.shown(text.get()) + "' is not the path of " + noun);
      return Optional.empty();
    }
  }

  private static boolean isThere(Place place, Path path) {
    if (Files.isRegularFile(path) && Files.isReadable(path)) {
      return true;
    }
    String shown = Nodes.shown(path.toString());
    if (Files.isDirectory(path)) {
      place.refuse(shown + " is a folder, expected a file", "name the file in it");
    } else if (Files.exists(path)) {
      place.refuse(shown + " cannot be read", "let the user who starts pgfleet read it");
    } else {
      place.refuse(
          "no such file: " + shown, "make it, or mend the path; it starts from this file's folder");
    }
    return false;
  }

  @Override
  public String shown(Path value) {
    return value.toString();
  }
}
