package io.pgfleet.postgres.host;

import io.pgfleet.postgres.host.ServerException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Passwords by name in one file that only its owner may read: a line each, {@code name=password}.
 * Every change rewrites the whole file in one step.
 */
public final class Secrets {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}");
  private static final int BYTES = 24;

  private final Path file;
  private final RandomGenerator random;

  /** The secrets of a file, which need not exist. */
  public Secrets(Path file) {
    this(file, new SecureRandom());
  }

  Secrets(Path file, RandomGenerator random) {
    this.file = file.toAbsolutePath();
    this.random = random;
  }

  /** A new password: 192 random bits as 32 characters that need no escaping in a URL. */
  public String generate() {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * The password of a name.
   *
   * @throws ServerException if others may read the file, or it is no file of secrets
   */
  public synchronized Optional<String> get(String name) {
    check(name);
    return Optional.ofNullable(read().get(name));
  }

  /** The password of a name; generated and kept if there is none yet. */
  public synchronized String getOrCreate(String name) {
    check(name);
    Map<String, String> all = read();
    String present = all.get(name);
    if (present != null) {
      return present;
    }
    String created = generate();
    all.put(name, created);
    write(all);
    return created;
  }

  /** Keeps a password that came from elsewhere. */
  public synchronized void put(String name, String password) {
    check(name);
    if (password.isEmpty() || password.chars().anyMatch(c -> c == '\n' || c == '\r' || c == 0)) {
      throw new ServerException(
          Kind.SECRET, "A password must be one line and not empty.", "Choose another one.");
    }
    Map<String, String> all = read();
    all.put(name, password);
    write(all);
  }

  private static void check(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("not a secret's name: " + name);
    }
  }

  private Map<String, String> read() {
    Map<String, String> all = new TreeMap<>();
    try {
      var permissions = Files.getPosixFilePermissions(file);
      if (permissions.stream().anyMatch(Secrets::isForOthers)) {
        throw new ServerException(
            Kind.SECRET,
            "The file of passwords "
                + file
                + " is open to other users ("
                + PosixFilePermissions.toString(permissions)
                + ").",
            "Run 'chmod 600 " + file + "', and change the passwords if others may have read them.");
      }
      for (String line : Files.readAllLines(file)) {
        int equals = line.indexOf('=');
        if (line.isEmpty() || line.startsWith("#")) {
          continue;
        }
        if (equals < 1 || equals == line.length() - 1) {
          throw new ServerException(
              Kind.SECRET,
              "The file of passwords " + file + " has a line that is not name=password.",
              "Correct the line or restore the file.");
        }
        all.put(line.substring(0, equals), line.substring(equals + 1));
      }
      return all;
    } catch (NoSuchFileException e) {
      return all;
    } catch (IOException e) {
      throw unusable("read", e);
    }
  }

  private static boolean isForOthers(PosixFilePermission permission) {
    return permission.name().startsWith("GROUP_") || permission.name().startsWith("OTHERS_");
  }

  private void write(Map<String, String> all) {
    StringBuilder text = new StringBuilder("# Passwords of this fleet. Keep them to yourself.\n");
    all.forEach((name, password) -> text.append(name).append('=').append(password).append('\n'));
    try {
      Files.createDirectories(FileTrees.parent(file));
      FileTrees.replace(file, text.toString(), null);
    } catch (IOException e) {
      throw unusable("written", e);
    }
  }

  private ServerException unusable(String what, IOException e) {
    return new ServerException(
        Kind.SECRET,
        "The file of passwords " + file + " can't be " + what + ": " + e.getMessage() + ".",
        "See that it belongs to the user that runs pgfleet.",
        e);
  }
}
