package io.pgfleet.postgres.install;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The files of an unpacked tar archive and the list that is kept beside them: a line a file, its
 * size in bytes, a blank, its path. A link's size is -1.
 */
final class UnpackedFiles {
  private static final String LIST = ".files";

  private UnpackedFiles() {}

  /** Whether every file of the list is there in its size; false if there is no list. */
  static boolean agreeWithList(Path folder) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(folder.resolve(LIST));
    } catch (NoSuchFileException | NotDirectoryException e) {
      return false;
    }
    for (String line : lines) {
      int blank = line.indexOf(' ');
      if (blank < 1) {
        return false;
      }
      try {
        Path file = folder.resolve(line.substring(blank + 1));
        long size = Long.parseLong(line, 0, blank, 10);
        boolean agrees =
            size < 0
                ? Files.isSymbolicLink(file) && Files.exists(file)
                : Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) == size;
        if (!agrees) {
          return false;
        }
      } catch (NumberFormatException | InvalidPathException e) {
        return false;
      }
    }
    return !lines.isEmpty();
  }

  /** Writes an archive's entries into a folder, and the list last. */
  static void write(InputStream tar, Path folder) throws IOException {
    List<String> list = new ArrayList<>();
    try (TarArchiveInputStream in = new TarArchiveInputStream(tar)) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        Path target = inside(folder, folder, entry.getName());
        Path parent = target.getParent();
        if (target.equals(folder) || parent == null) {
          continue;
        }
        createFolder(folder, parent);
        if (entry.isDirectory()) {
          createFolder(folder, target);
        } else if (entry.isSymbolicLink()) {
          inside(folder, parent, entry.getLinkName());
          Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
          list.add("-1 " + folder.relativize(target));
        } else if (entry.isFile()) {
          Files.copy(in, target);
          Files.setPosixFilePermissions(target, permissions(entry.getMode()));
          list.add(entry.getSize() + " " + folder.relativize(target));
        } else {
          throw new IOException("the archive holds a special file: " + entry.getName());
        }
      }
    }
    Files.write(folder.resolve(LIST), list);
  }

  /** Everybody may read, and run what its owner may run: the server may have another user. */
  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions =
        EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.OTHERS_READ);
    if ((mode & 0b001_000_000) != 0) {
      permissions.add(PosixFilePermission.OWNER_EXECUTE);
      permissions.add(PosixFilePermission.GROUP_EXECUTE);
      permissions.add(PosixFilePermission.OTHERS_EXECUTE);
    }
    return permissions;
  }

  private static void createFolder(Path root, @Nullable Path folder) throws IOException {
    if (folder == null
        || folder.equals(root)
        || Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    createFolder(root, folder.getParent());
    Files.createDirectory(folder);
    // whatever this process's umask says
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static Path inside(Path root, Path folder, String name) throws IOException {
    Path path = folder.resolve(name).normalize();
    if (name.startsWith("/") || !path.startsWith(root)) {
      throw new IOException("the archive's entry " + name + " leads out of its folder");
    }
    return path;
  }
}
