package io.pgfleet.cli.fleet;

import io.pgfleet.cli.control.ControlClient;
import io.pgfleet.spec.FleetFile;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.SpecException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which a command is told which fleet it is about. */
public final class FleetChoice {
  private static final String DEFAULT_FILE = "fleet.yaml";

  @Option(
      names = "--fleet",
      paramLabel = "NAME|FILE",
      description =
          "The fleet: its name, or its fleet.yaml. Default: $PGFLEET_FLEET, ./fleet.yaml, or the"
              + " one fleet that was started on this machine.")
  private @Nullable String fleet;

  /** A fleet and what its file says. */
  public record Fleet(FleetRecord record, FleetSpec spec) {}

  /** The fleet of a command that starts one: from a file, or the defaults. */
  public static Fleet toStart(Optional<Path> given, FleetRegistry registry) {
    Optional<Path> file =
        given
            .or(() -> Optional.ofNullable(System.getenv("PGFLEET_FLEET")).map(Path::of))
            .or(() -> Optional.of(Path.of(DEFAULT_FILE)).filter(Files::exists))
            .map(path -> path.toAbsolutePath().normalize());
    FleetSpec spec = file.map(FleetChoice::load).orElseGet(FleetFile::defaults);
    String name = spec.name().value();
    FleetRecord record =
        new FleetRecord(
            name,
            file,
            spec.data().orElseGet(() -> registry.defaultFolder(name)).toAbsolutePath().normalize());
    registry.named(name).ifPresent(known -> checkSame(known, record));
    return new Fleet(record, spec);
  }

  private static void checkSame(FleetRecord known, FleetRecord wanted) {
    boolean otherFile =
        known.file().isPresent()
            && Files.exists(known.file().get())
            && !known.file().equals(wanted.file());
    if (otherFile) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "there is already a fleet " + known.name() + ", from " + known.file().get(),
          "give this one another name (fleet: NAME), or 'pgfleet down --destroy --fleet "
              + known.name()
              + "' the other");
    }
    if (!known.folder().equals(wanted.folder())
        && Files.isDirectory(known.folder().resolve("nodes"))) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "the data of fleet "
              + known.name()
              + " is in "
              + known.folder()
              + ", not in "
              + wanted.folder(),
          "move the folder there while the fleet is down, or take 'data:' back");
    }
  }

  /** Reads a file, with all its problems in one failure. */
  public static FleetSpec load(Path file) {
    try {
      return FleetFile.load(file);
    } catch (SpecException e) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          (e.problems().size() == 1
                  ? "fleet.yaml has a problem:\n"
                  : "fleet.yaml has " + e.problems().size() + " problems:\n")
              + e.getMessage(),
          "docs/fleet-yaml.md lists every key; 'pgfleet validate FILE' checks without running");
    }
  }

  /** The fleet that a command is about, which was started before. */
  public FleetRecord started(FleetRegistry registry) {
    String named = fleet != null ? fleet : System.getenv("PGFLEET_FLEET");
    if (named != null) {
      return registry
          .named(named)
          .or(() -> byFile(Path.of(named), registry))
          .orElseThrow(() ->
              new CommandFailure(
                  CommandFailure.NOT_RUNNING,
                  "no fleet " + named + " was started on this machine" + known(registry.all()),
                  "start it with 'pgfleet up FILE'"));
    }
    Optional<FleetRecord> here = byFile(Path.of(DEFAULT_FILE), registry);
    if (here.isPresent()) {
      return here.get();
    }
    List<FleetRecord> all = registry.all();
    if (all.size() == 1) {
      return all.getFirst();
    }
    if (all.isEmpty()) {
      throw new CommandFailure(
          CommandFailure.NOT_RUNNING,
          "no fleet was started on this machine yet",
          "'pgfleet up' starts one");
    }
    List<FleetRecord> running =
        all.stream().filter(record -> ControlClient.isRunning(record.home())).toList();
    if (running.size() == 1) {
      return running.getFirst();
    }
    throw new CommandFailure(
        CommandFailure.USAGE,
        "there is more than one fleet on this machine" + known(all),
        "say which one: --fleet NAME");
  }

  /** The fleet of a command that works for one that was never started here, too. */
  public Fleet any(FleetRegistry registry) {
    Optional<Path> file =
        Optional.ofNullable(fleet)
            .or(() -> Optional.ofNullable(System.getenv("PGFLEET_FLEET")))
            .map(Path::of)
            .or(() -> Optional.of(Path.of(DEFAULT_FILE)))
            .filter(Files::isRegularFile);
    if (file.isPresent()) {
      return toStart(file, registry);
    }
    FleetRecord record = started(registry);
    return new Fleet(record, spec(record));
  }

  /** The fleet that was started from a file. */
  public static FleetRecord startedFrom(Path file, FleetRegistry registry) {
    load(file);
    return byFile(file, registry)
        .orElseThrow(() ->
            new CommandFailure(
                CommandFailure.NOT_RUNNING,
                "no fleet was started from " + file + known(registry.all()),
                "start it with 'pgfleet up " + file + "'"));
  }

  /** The fleet that was started before and that the environment or this folder names. */
  public static Fleet known(FleetRegistry registry) {
    FleetRecord record = new FleetChoice().started(registry);
    return new Fleet(record, spec(record));
  }

  private static Optional<FleetRecord> byFile(Path file, FleetRegistry registry) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    Path absolute = file.toAbsolutePath().normalize();
    return registry.all().stream()
        .filter(record -> record.file().equals(Optional.of(absolute)))
        .findFirst();
  }

  private static String known(List<FleetRecord> all) {
    return all.isEmpty()
        ? ""
        : " (known: " + String.join(", ", all.stream().map(FleetRecord::name).toList()) + ")";
  }

  /** What the file of a fleet that was started before says now. */
  public static FleetSpec spec(FleetRecord record) {
    return record.file().map(FleetChoice::load).orElseGet(FleetFile::defaults);
  }
}
