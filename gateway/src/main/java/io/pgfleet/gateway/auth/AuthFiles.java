package io.pgfleet.gateway.auth;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the rules for logins are, all files read.
 *
 * @param md5 whether any rule takes hashes by MD5, so that such verifiers are worth asking for
 */
public record AuthFiles(HbaRules hba, IdentMaps idents, UserSecrets secrets, boolean md5) {
  private static final String LINES = "the rules in the settings";

  private interface Reading<T> {
    T read(String name, String text, Optional<Path> folder) throws AuthFileException;
  }

  /**
   * Reads the files that the settings name.
   *
   * @throws AuthFileException with all that is wrong in them
   */
  public static AuthFiles load(AuthSettings settings) throws AuthFileException {
    List<AuthProblem> problems = new ArrayList<>();
    Optional<HbaRules> hba =
        settings.hbaFile().isPresent()
            ? file(settings.hbaFile().get(), HbaRules::parse, problems)
            : attempt(problems, () -> HbaRules.parse(LINES, text(settings), Optional.empty()));
    Optional<IdentMaps> idents =
        settings.identFile().isPresent()
            ? file(settings.identFile().get(), IdentMaps::parse, problems)
            : Optional.of(IdentMaps.NONE);
    Optional<UserSecrets> secrets =
        settings.userSecrets().isPresent()
            ? file(
                settings.userSecrets().get(),
                (name, text, _) -> UserSecrets.parse(name, text),
                problems)
            : Optional.of(UserSecrets.NONE);
    if (hba.isPresent() && idents.isPresent()) {
      checkMaps(settings, hba.get(), idents.get(), problems);
    }
    if (!problems.isEmpty() || hba.isEmpty() || idents.isEmpty() || secrets.isEmpty()) {
      throw new AuthFileException(problems);
    }
    boolean md5 =
        hba.get().rules().stream()
            .anyMatch(
                rule -> rule.method() == AuthMethod.MD5 || rule.method() == AuthMethod.PASSWORD);
    return new AuthFiles(hba.get(), idents.get(), secrets.get(), md5);
  }

  private static String text(AuthSettings settings) {
    return settings.hbaLines().isEmpty()
        ? HbaRules.DEFAULT
        : String.join("\n", settings.hbaLines()) + "\n";
  }

  private static void checkMaps(
      AuthSettings settings, HbaRules hba, IdentMaps idents, List<AuthProblem> problems) {
    String name = settings.hbaFile().map(Path::toString).orElse(LINES);
    for (HbaRule rule : hba.rules()) {
      rule.map()
          .filter(map -> !idents.has(map))
          .ifPresent(map ->
              problems.add(
                  new AuthProblem(
                      name,
                      rule.line(),
                      1,
                      "the map \""
                          + map
                          + "\" is not in "
                          + settings.identFile().map(Path::toString).orElse("any file"),
                      "Add it to the file of user name maps.")));
    }
  }

  /** Whether the roles of a user must be known before its rule is. */
  public boolean needsRoles() {
    return hba.needsRoles();
  }

  private interface Step<T> {
    T run() throws AuthFileException;
  }

  private static <T> Optional<T> attempt(List<AuthProblem> problems, Step<T> step) {
    try {
      return Optional.of(step.run());
    } catch (AuthFileException e) {
      problems.addAll(e.problems());
      return Optional.empty();
    }
  }

  private static <T> Optional<T> file(Path file, Reading<T> reading, List<AuthProblem> problems) {
    String text;
    try {
      text = RuleText.limited(file);
    } catch (IOException e) {
      problems.add(new AuthProblem(file.toString(), 0, 0, "it can't be read: " + e, ""));
      return Optional.empty();
    }
    Path folder = file.toAbsolutePath().getParent();
    return attempt(
        problems, () -> reading.read(file.toString(), text, Optional.ofNullable(folder)));
  }
}
