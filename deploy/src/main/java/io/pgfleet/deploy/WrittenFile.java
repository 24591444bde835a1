package io.pgfleet.deploy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A configuration file that was made from fleet.yaml. Its first lines say so, and hold a checksum
 * of the rest, by which a file that somebody has edited since is known and left alone.
 *
 * @param program whose configuration it is: the command after {@code pgfleet deploy}
 * @param source the fleet.yaml
 * @param body the configuration, with {@code #} before comments
 */
public record WrittenFile(String program, Path source, String body) {
  private static final Pattern STAMP =
      Pattern.compile("(?m)^# Written anew by the same command while .* ([0-9a-f]{64})\\.$\\R?");

  /** What writing came to. */
  public enum Outcome {
    /** There was no such file. */
    WRITTEN,
    /** There was one that was made the same way and not edited since. */
    REPLACED,
    /** The file was edited, or is another's, and was replaced by force. */
    FORCED,
    /** The file says just that already. */
    UNCHANGED
  }

  /** Makes the path absolute. */
  public WrittenFile {
    source = source.toAbsolutePath();
  }

  /** The whole text. */
  public String text() {
    return """
    # Made by 'pgfleet deploy %s' from %s.
    # Written anew by the same command while what follows has the SHA-256 %s.
    %s\
    """
        .formatted(program, source, sum(body), body);
  }

  /**
   * Writes it in one step.
   *
   * @throws DeployException if a file is there that was edited, or that something else made
   */
  public Outcome write(Path file, boolean force) throws IOException {
    Outcome outcome = outcome(file, force);
    if (outcome == Outcome.UNCHANGED) {
      return outcome;
    }
    // A link stays one: it is the file behind it that is replaced.
    Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    Path partial = target.resolveSibling("." + target.getFileName() + ".new");
    Files.writeString(partial, text());
    if (outcome != Outcome.WRITTEN) {
      Files.setPosixFilePermissions(partial, Files.getPosixFilePermissions(target));
    }
    Files.move(
        partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return outcome;
  }

  private Outcome outcome(Path file, boolean force) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Outcome.WRITTEN;
    }
    if (!Files.isRegularFile(file)) {
      throw new DeployException(file + " is no file", "name a file with --out");
    }
    String found = Files.readString(file, StandardCharsets.ISO_8859_1);
    if (found.equals(
        new String(text().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))) {
      return Outcome.UNCHANGED;
    }
    if (isUntouched(found)) {
      return Outcome.REPLACED;
    }
    if (force) {
      return Outcome.FORCED;
    }
    throw new DeployException(
        file + " was edited, or was not made by this command",
        "compare it with what the command prints without --out; --force replaces it");
  }

  /** Compared byte for byte: each character stands for one. */
  private static boolean isUntouched(String found) {
    Matcher stamp = STAMP.matcher(found);
    return stamp.find()
        && stamp
            .group(1)
            .equals(sum(found.substring(stamp.end()).getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static String sum(String text) {
    return sum(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String sum(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
