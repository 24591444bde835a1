package io.pgfleet.backup.base;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One attempt to take a backup. A further one goes on with what an earlier one has left, under the
 * same backup's name, and puts its own objects under names that no other attempt has: a program
 * that was held up and goes on late can't change what another needs.
 *
 * @param id the backup's name
 * @param mark when it began and something random; empty of the first
 */
record Attempt(String id, String mark) {
  private static final String DATA = "data";
  private static final String JOURNAL = "journal";
  private static final Pattern OBJECT =
      Pattern.compile("(?:data|journal)-([0-9]{8}T[0-9]{6}Z)-[0-9a-f]{8}(?:/.*)?");

  /** Two that begin in the same second must not share a name. */
  private static final SecureRandom RANDOM = new SecureRandom();

  /** The one that gives the backup its name. */
  static Attempt first(String id) {
    return new Attempt(id, "");
  }

  /** One that goes on. */
  static Attempt further(String id, Instant began) {
    return new Attempt(
        id, "-" + Backups.time(began) + "-" + HexFormat.of().toHexDigits(RANDOM.nextInt()));
  }

  boolean isFirst() {
    return mark.isEmpty();
  }

  /** Where a pack is, below the backup's folder. */
  String pack(int number) {
    return "%s%s/%08d".formatted(DATA, mark, number);
  }

  /** The object of this name below the backup's folder. */
  String object(String name) {
    return folder(id) + name;
  }

  /** The object that holds its journal. */
  String journal() {
    return object(JOURNAL + mark);
  }

  /** Whether an object was put by it, but for its journal. */
  boolean owns(String object) {
    return object.startsWith(object(DATA + mark + "/"));
  }

  private static String folder(String id) {
    return "backups/" + id + "/";
  }

  /** Whether an object is the journal of an attempt to take a backup. */
  static boolean isJournal(String id, String object) {
    String first = first(id).journal();
    return object.equals(first) || object.startsWith(first + "-");
  }

  /** When the attempt began that has put an object; none if its name does not say it. */
  static Optional<Instant> began(String id, String object) {
    if (!object.startsWith(folder(id))) {
      return Optional.empty();
    }
    Matcher name = OBJECT.matcher(object.substring(folder(id).length()));
    return name.matches() ? Backups.time(name.group(1)) : Optional.empty();
  }
}
