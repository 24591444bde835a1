package io.pgfleet.postgres.host;

import com.sun.security.auth.module.UnixSystem;
import io.pgfleet.postgres.host.ServerException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The system user that owns a server's files and runs its programs. PostgreSQL refuses to run as
 * root; so where this program is root, it hands the server to an unprivileged user. Everywhere else
 * it is the user of this program, and nothing is changed.
 */
public final class ServerUser {
  private static final Duration LOOKUP = Duration.ofSeconds(10);
  private static final Pattern ID = Pattern.compile("uid=(\\d+)\\S* gid=(\\d+).*");

  private final String name;
  private final int uid;
  private final int gid;
  private final List<String> prefix;

  private ServerUser(String name, int uid, int gid, List<String> prefix) {
    this.name = name;
    this.uid = uid;
    this.gid = gid;
    this.prefix = List.copyOf(prefix);
  }

  /**
   * The user to run servers as: this program's own, or where that is root the wanted one, else
   * {@code postgres} where it exists, else {@code nobody}.
   *
   * @throws ServerException if the wanted user does not exist, or another than one's own is wanted
   *     without being root
   */
  public static ServerUser resolve(Optional<String> wanted) {
    UnixSystem self = new UnixSystem();
    int uid = (int) self.getUid();
    if (uid != 0) {
      if (wanted.isPresent() && !wanted.get().equals(self.getUsername())) {
        throw new ServerException(
            Kind.USER,
            "The server is to run as " + wanted.get() + ", but this is " + self.getUsername() + ".",
            "Run it as root or as " + wanted.get() + ", or leave the user out.");
      }
      return new ServerUser(self.getUsername(), uid, (int) self.getGid(), List.of());
    }
    for (String name : wanted.map(List::of).orElse(List.of("postgres", "nobody"))) {
      Optional<Matcher> found = lookUp(name);
      if (found.isPresent()) {
        int foundUid = Integer.parseInt(found.get().group(1));
        int foundGid = Integer.parseInt(found.get().group(2));
        if (foundUid == 0) {
          throw new ServerException(
              Kind.USER, "PostgreSQL refuses to run as root.", "Name an unprivileged user.");
        }
        return new ServerUser(name, foundUid, foundGid, prefix(name, foundUid, foundGid));
      }
    }
    throw new ServerException(
        Kind.USER,
        "PostgreSQL refuses to run as root, and there is no user "
            + wanted.orElse("postgres or nobody")
            + " to run it as.",
        "Create that user, or run pgfleet as an unprivileged one.");
  }

  private static Optional<Matcher> lookUp(String name) {
    if (name.isEmpty() || name.startsWith("-")) {
      return Optional.empty();
    }
    try {
      Commands.Result result = Commands.run(List.of("id", name), LOOKUP);
      Matcher matcher = ID.matcher(result.output());
      return result.succeeded() && matcher.matches() ? Optional.of(matcher) : Optional.empty();
    } catch (IOException e) {
      throw new ServerException(
          Kind.USER, "Can't look up the user " + name + ".", "See that 'id' can be run.", e);
    }
  }

  private static List<String> prefix(String name, int uid, int gid) {
    Optional<Path> setpriv = find("setpriv");
    if (setpriv.isPresent()) {
      return List.of(
          setpriv.get().toString(), "--reuid=" + uid, "--regid=" + gid, "--clear-groups", "--");
    }
    Optional<Path> runuser = find("runuser");
    if (runuser.isPresent()) {
      return List.of(runuser.get().toString(), "-u", name, "--");
    }
    String su = find("su").orElse(Path.of("/bin/su")).toString();
    // exec, so that the program has the pid of su's child and gets its signals
    return List.of(su, name, "-s", "/bin/sh", "-c", "exec \"$0\" \"$@\"", "--");
  }

  /** A program on the search path or in the usual system folders. */
  static Optional<Path> find(String program) {
    List<String> folders = new ArrayList<>();
    String path = System.getenv("PATH");
    if (path != null) {
      folders.addAll(List.of(path.split(":")));
    }
    folders.addAll(List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin"));
    return folders.stream()
        .filter(folder -> folder.startsWith("/"))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** The user's name. */
  public String name() {
    return name;
  }

  /** Whether this is another user than the one this program runs as. */
  public boolean isOther() {
    return !prefix.isEmpty();
  }

  /** The command that runs another as this user; the process it starts becomes that program. */
  public List<String> command(List<String> command) {
    List<String> whole = new ArrayList<>(prefix);
    whole.addAll(command);
    return whole;
  }

  /** Gives a file or folder to this user; nothing where this program is that user itself. */
  public void own(Path path) throws IOException {
    if (isOther()) {
      Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
    }
  }

  /** Whether the file or folder belongs to this user. */
  public boolean owns(Path path) throws IOException {
    return uid == number(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  private static int number(Path path, String attribute, LinkOption... options) throws IOException {
    Object value = Files.getAttribute(path, attribute, options);
    if (value instanceof Integer number) {
      return number;
    }
    throw new IOException(path + " has no attribute " + attribute);
  }

  /**
   * Checks that this user can get to a file or folder, which need not exist yet.
   *
   * @throws ServerException naming the parent folder that blocks the way
   */
  public void checkReach(Path path) {
    if (!isOther()) {
      return;
    }
    List<Path> parents = new ArrayList<>();
    for (Path at = path.toAbsolutePath().normalize().getParent(); at != null; at = at.getParent()) {
      parents.addFirst(at);
    }
    for (Path parent : parents) {
      if (Files.isDirectory(parent) && !maySearch(parent)) {
        throw new ServerException(
            Kind.USER,
            "The user "
                + name
                + ", which runs the server, can't get to "
                + path
                + ": the folder "
                + parent
                + " is closed to it.",
            "Choose a folder elsewhere (for example under /var/lib), or run 'chmod a+x "
                + parent
                + "'.");
      }
    }
  }

  private boolean maySearch(Path folder) {
    try {
      int mode = number(folder, "unix:mode");
      int shift = number(folder, "unix:uid") == uid ? 6 : number(folder, "unix:gid") == gid ? 3 : 0;
      if ((mode >> shift & 1) != 0) {
        return true;
      }
      // Access lists can allow what the mode does not show.
      return Commands.run(command(List.of("test", "-x", folder.toString())), LOOKUP).succeeded();
    } catch (IOException e) {
      return false;
    }
  }
}
