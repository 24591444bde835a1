package io.pgfleet.migrate;

import java.nio.file.Path;

/**
 * What became of one line of a file.
 *
 * @param line counted from 1; 0 if the file as a whole is meant
 * @param subject the setting, as the file has it; never a password
 * @param words what became of it, or what is wrong with it, and what to do
 */
public record Finding(Path file, int line, Verdict verdict, String subject, String words) {
  /** What became of it. */
  public enum Verdict {
    /** It stands in the fleet.yaml. */
    MAPPED("mapped"),
    /** The gateway does it anyway, or has no use for it. */
    NOT_NEEDED("not needed"),
    /** It is wrong in the file itself. */
    WRONG("wrong"),
    /** Somebody has to decide. */
    LEFT("left to you");

    private final String words;

    Verdict(String words) {
      this.words = words;
    }

    /** As the report names it. */
    public String words() {
      return words;
    }
  }

  /** One line of the report. */
  public String text() {
    return file
        + (line > 0 ? ":" + line : "")
        + ": "
        + verdict.words()
        + ": "
        + subject
        + ": "
        + words;
  }
}
