package io.pgfleet.migrate.pgbouncer;

import io.pgfleet.migrate.Draft;
import io.pgfleet.migrate.Finding.Verdict;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The lines of a userlist.txt: {@code "name" "secret"}. No secret is ever shown. */
final class UserList {
  private static final Pattern LINE =
      Pattern.compile("\"((?:[^\"]|\"\")*)\"\\s+\"((?:[^\"]|\"\")*)\".*");

  private UserList() {}

  static void read(Path file, String text, Draft draft) {
    Set<String> seen = new HashSet<>();
    int number = 0;
    for (String raw : text.split("\n", -1)) {
      number++;
      String line = raw.strip();
      if (line.isEmpty() || line.startsWith(";") || line.startsWith("#")) {
        continue;
      }
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        draft.note(
            file,
            number,
            Verdict.WRONG,
            "a line",
            "not \"name\" \"secret\", each in double quotes");
        continue;
      }
      String user = matcher.group(1).replace("\"\"", "\"");
      if (!seen.add(user)) {
        draft.note(file, number, Verdict.WRONG, user, "named twice");
        continue;
      }
      secret(file, number, user, matcher.group(2), draft);
    }
  }

  private static void secret(Path file, int number, String user, String secret, Draft draft) {
    if (secret.startsWith("SCRAM-SHA-256$")) {
      draft.note(
          file, number, Verdict.NOT_NEEDED, user, "its verifier is read from PostgreSQL itself");
    } else if (secret.matches("md5[0-9a-f]{32}")) {
      draft.note(
          file,
          number,
          Verdict.WRONG,
          user,
          "an md5 hash, which is as good as the password to whoever reads it; set the password anew"
              + " with password_encryption = 'scram-sha-256'");
    } else if (secret.isEmpty()) {
      draft.note(file, number, Verdict.WRONG, user, "has no password; it can't log in by one");
    } else {
      draft.note(
          file,
          number,
          Verdict.WRONG,
          user,
          "a password in plain text (not shown here); it belongs nowhere, as the gateway reads"
              + " verifiers from PostgreSQL: delete the file after the move, and change the password");
    }
  }
}
