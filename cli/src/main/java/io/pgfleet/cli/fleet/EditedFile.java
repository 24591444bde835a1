package io.pgfleet.cli.fleet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A text file that is to be changed, as it is and as it shall be.
 *
 * @param file a regular file, or a link to one
 */
public record EditedFile(Path file, String before, String after) {
  /**
   * A file as it is.
   *
   * @throws CommandFailure if it can't be read
   */
  public static EditedFile of(Path file) {
    try {
      String text = Files.readString(file);
      return new EditedFile(file, text, text);
    } catch (IOException e) {
      throw new CommandFailure(
          CommandFailure.USAGE, file + " can't be read: " + e.getMessage(), "see to that first");
    }
  }

  /** The same, to be changed to this. */
  public EditedFile to(String text) {
    return new EditedFile(file, before, text);
  }

  /** The lines that differ, each with its number: those of before, then those of after. */
  public List<String> difference() {
    List<String> old = before.lines().toList();
    List<String> now = after.lines().toList();
    int same = 0;
    while (same < Math.min(old.size(), now.size()) && old.get(same).equals(now.get(same))) {
      same++;
    }
    int tail = 0;
    while (tail < Math.min(old.size(), now.size()) - same
        && old.get(old.size() - 1 - tail).equals(now.get(now.size() - 1 - tail))) {
      tail++;
    }
    List<String> lines = new ArrayList<>();
    lines.add(file + ":");
    for (int i = same; i < old.size() - tail; i++) {
      lines.add("  - %3d | %s".formatted(i + 1, old.get(i)));
    }
    for (int i = same; i < now.size() - tail; i++) {
      lines.add("  + %3d | %s".formatted(i + 1, now.get(i)));
    }
    return lines;
  }

  /**
   * Writes it, whole or not at all.
   *
   * @throws CommandFailure if it can't be, or somebody has changed it meanwhile
   */
  public void write() {
    if (before.equals(after)) {
      return;
    }
    try {
      Path real = file.toRealPath();
      if (!Files.readString(real).equals(before)) {
        throw new CommandFailure(
            CommandFailure.USAGE, file + " was changed meanwhile", "call it again");
      }
      Path beside = real.resolveSibling("." + real.getFileName() + ".new");
      // The copy has the owner's permissions before it has the text.
      Files.copy(
          real, beside, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
      Files.writeString(beside, after, StandardCharsets.UTF_8);
      Files.move(beside, real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new CommandFailure(
          file + " can't be written: " + e.getMessage(), "see to that, and call it again");
    }
  }
}
