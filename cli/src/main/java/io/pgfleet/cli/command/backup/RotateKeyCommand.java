package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.KeyRotation.Outcome;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.cli.archive.Repository;
import io.pgfleet.cli.archive.RepositoryKeys;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.spec.BackupSpec;
import io.pgfleet.spec.BackupSpec.KeySource;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet backup rotate-key}. */
@Command(
    name = "rotate-key",
    description = {
      "Changes the key of all repositories, without writing backups anew.",
      "",
      "The keys that objects are encrypted with lie in each repository, encrypted with yours. They"
          + " are encrypted with the new one, and one is added for all that is put from then on."
          + " Then put the new key where fleet.yaml says that the key is.",
      "",
      "Broken off half-way, it is to be run again: a repository that has the new key already is"
          + " left as it is."
    },
    footer = {"", "Exit status: 0 if each repository has the new key, 1 if not."})
final class RotateKeyCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Option(
      names = "--new-key",
      required = true,
      paramLabel = "SOURCE",
      description =
          "file:PATH, env:NAME or command:COMMAND, as under backup.key in fleet.yaml. Make it with"
              + " 'openssl rand -hex 32'.")
  private @Nullable String newKey;

  @Option(
      names = "--old-key",
      paramLabel = "SOURCE",
      description =
          "The key that opens the repositories now, in the same form. Default: that of fleet.yaml.")
  private @Nullable String oldKey;

  @Override
  public Integer call() {
    Fleet fleet = choice.any(new FleetRegistry(Folders.ofUser()));
    List<BackupSpec.Repository> all = fleet.spec().backup().repositories();
    KeySource known = fleet.spec().backup().key().orElse(null);
    if (all.isEmpty() || known == null) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "the backups of fleet " + fleet.record().name() + " have no key in fleet.yaml",
          "backup.key says where it is; what was begun without a key can't get one later");
    }
    UserKey old =
        oldKey == null
            ? RepositoryKeys.fetch(known, "backup.key")
            : RepositoryKeys.fetch(source(oldKey), "--old-key");
    UserKey fresh = RepositoryKeys.fetch(source(String.valueOf(newKey)), "--new-key");
    if (old.isSame(fresh)) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "the new key is the old one: both "
              + old.source()
              + " and "
              + fresh.source()
              + " have it",
          "make a new one with 'openssl rand -hex 32'; if fleet.yaml has the new key already, say"
              + " where the old one is: --old-key file:PATH");
    }
    // All are looked at before one is changed: a wrong key then changes none.
    each(fleet, old, fresh, false);
    each(fleet, old, fresh, true);
    System.out.println(
        "now put the new key where fleet.yaml says that the key is (or name its new place under"
            + " backup.key and start the fleet again); keep the old one until 'pgfleet backup"
            + " check' is content");
    return 0;
  }

  private static void each(Fleet fleet, UserKey old, UserKey fresh, boolean change) {
    for (BackupSpec.Repository one : fleet.spec().backup().repositories()) {
      try (Repository repository = Repository.of(fleet.spec(), one, old)) {
        if (change) {
          System.out.println(
              one.name() + ": " + words(repository.rotation(old, fresh).run(), fresh));
        } else {
          repository.rotation(old, fresh).look();
        }
      } catch (BackupException e) {
        throw new BackupException(
            e.kind(),
            "Repository " + one.name() + ": " + e.getMessage(),
            e.hint()
                + (change
                    ? " Then run this again: the repositories told above are done."
                    : " No repository was changed."),
            e);
      }
    }
  }

  private static String words(Outcome outcome, UserKey fresh) {
    return switch (outcome) {
      case CHANGED -> "opens with the key from " + fresh.source() + " now, and has a new data key";
      case WAS_CHANGED -> "opened with the key from " + fresh.source() + " already";
      case EMPTY -> "has no keys yet; its first backup makes them";
    };
  }

  static KeySource source(String text) {
    int colon = text.indexOf(':');
    String kind = colon < 0 ? "" : text.substring(0, colon);
    String rest = text.substring(colon + 1);
    return switch (rest.isBlank() ? "" : kind) {
      case "file" -> new KeySource.FromFile(Path.of(rest).toAbsolutePath());
      case "env" -> new KeySource.FromEnvironment(rest);
      case "command" -> new KeySource.FromCommand(rest);
      // Not the text: it may be the key itself.
      default ->
          throw new CommandFailure(
              CommandFailure.USAGE,
              "a key is given by its place, never by itself",
              "file:PATH, env:NAME or command:COMMAND");
    };
  }
}
