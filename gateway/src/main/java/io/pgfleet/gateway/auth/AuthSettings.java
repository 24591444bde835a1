package io.pgfleet.gateway.auth;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Who may log in. The files are read again when they change or on a reload.
 *
 * @param hbaFile rules in the syntax of pg_hba.conf
 * @param hbaLines such rules given directly; used if there is no file
 * @param identFile maps of user names in the syntax of pg_ident.conf
 * @param userSecrets passwords for servers of users that log in without one, in the form of
 *     PgBouncer's userlist.txt
 * @param failures how many failed logins one client address may make at once; further ones wait for
 *     one to be forgotten. 0 sets no limit
 * @param failuresForgotten how many failures of an address are forgotten in a minute
 */
public record AuthSettings(
    Optional<Path> hbaFile,
    List<String> hbaLines,
    Optional<Path> identFile,
    Optional<Path> userSecrets,
    int failures,
    int failuresForgotten) {
  /** SCRAM-SHA-256 for all users from everywhere. */
  public static final AuthSettings DEFAULT =
      new AuthSettings(Optional.empty(), List.of(), Optional.empty(), Optional.empty(), 20, 20);

  public AuthSettings {
    hbaLines = List.copyOf(hbaLines);
    if (failures < 0 || failuresForgotten < 1) {
      throw new IllegalArgumentException(
          "failures may not be negative, and at least one must be forgotten in a minute");
    }
  }

  /** The same with rules given directly. */
  public AuthSettings withHba(String... lines) {
    return new AuthSettings(
        Optional.empty(), List.of(lines), identFile, userSecrets, failures, failuresForgotten);
  }

  /** The same with rules from a file. */
  public AuthSettings withHbaFile(Path file) {
    return new AuthSettings(
        Optional.of(file), List.of(), identFile, userSecrets, failures, failuresForgotten);
  }

  /** The same with maps of user names. */
  public AuthSettings withIdentFile(Path file) {
    return new AuthSettings(
        hbaFile, hbaLines, Optional.of(file), userSecrets, failures, failuresForgotten);
  }

  /** The same with passwords for servers. */
  public AuthSettings withUserSecrets(Path file) {
    return new AuthSettings(
        hbaFile, hbaLines, identFile, Optional.of(file), failures, failuresForgotten);
  }

  /** The same with other bounds on failed logins from one address. */
  public AuthSettings withFailures(int atOnce, int forgottenInAMinute) {
    return new AuthSettings(hbaFile, hbaLines, identFile, userSecrets, atOnce, forgottenInAMinute);
  }
}
