package io.pgfleet.cli.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The fleets that were started on this machine by this user, so that a command typed anywhere finds
 * its fleet. A small text file each, {@code key=value}, read without a parser because {@code
 * status} must answer at once.
 */
public final class FleetRegistry {
  private static final String FILE = "fleet.properties";

  private final Path folder;

  public FleetRegistry(Folders folders) {
    this.folder = folders.data();
  }

  /** All of them, by name. */
  public List<FleetRecord> all() {
    List<FleetRecord> records = new ArrayList<>();
    try (DirectoryStream<Path> fleets = Files.newDirectoryStream(folder)) {
      for (Path fleet : fleets) {
        read(fleet.resolve(FILE)).ifPresent(records::add);
      }
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    records.sort(Comparator.comparing(FleetRecord::name));
    return records;
  }

  public Optional<FleetRecord> named(String name) {
    return read(folder.resolve(name).resolve(FILE));
  }

  /** The folder of a fleet that does not choose its own. */
  public Path defaultFolder(String name) {
    return folder.resolve(name);
  }

  /** Remembers a fleet, or where it is now. */
  public void remember(FleetRecord record) {
    Path file = folder.resolve(record.name()).resolve(FILE);
    String text =
        "name=%s\nfile=%s\nfolder=%s\n"
            .formatted(
                record.name(), record.file().map(Path::toString).orElse(""), record.folder());
    try {
      Files.createDirectories(folder.resolve(record.name()));
      Path partial = file.resolveSibling(FILE + ".new");
      Files.writeString(partial, text);
      Files.move(
          partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new CommandFailure(
          "can't write " + file + ": " + e.getMessage(),
          "make the folder writable, or set PGFLEET_HOME to one that is");
    }
  }

  /** Forgets a fleet whose data is gone. */
  public void forget(FleetRecord record) {
    try {
      Files.deleteIfExists(folder.resolve(record.name()).resolve(FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<FleetRecord> read(Path file) {
    String name = "";
    String yaml = "";
    String home = "";
    try {
      for (String line : Files.readAllLines(file)) {
        int equals = line.indexOf('=');
        String value = line.substring(equals + 1);
        switch (line.substring(0, Math.max(equals, 0))) {
          case "name" -> name = value;
          case "file" -> yaml = value;
          case "folder" -> home = value;
          default -> {
            // A key of a newer version.
          }
        }
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return name.isEmpty() || home.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new FleetRecord(
                name,
                Optional.of(yaml).filter(text -> !text.isEmpty()).map(Path::of),
                Path.of(home)));
  }
}
