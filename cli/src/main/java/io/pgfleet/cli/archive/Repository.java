package io.pgfleet.cli.archive;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.KeyRotation;
import io.pgfleet.backup.keep.Retention;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.FolderStore;
import io.pgfleet.backup.store.ObjectStore;
import io.pgfleet.backup.store.S3Store;
import io.pgfleet.spec.BackupSpec;
import io.pgfleet.spec.BackupSpec.KeySource;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.PasswordSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A repository of fleet.yaml, open.
 *
 * @param key the user's key; none if the repository is not encrypted
 * @param source where the key comes from
 */
public record Repository(
    BackupSpec.Repository spec,
    String fleet,
    String group,
    ObjectStore store,
    Optional<UserKey> key,
    Optional<KeySource> source)
    implements AutoCloseable {
  /**
   * Opens a repository. Nothing is asked of its store yet.
   *
   * @throws BackupException if its key or a secret is not where fleet.yaml says
   */
  public static Repository open(FleetSpec fleet, BackupSpec.Repository spec) {
    return of(fleet, spec, fleet.backup().key().map(RepositoryKeys::fetch));
  }

  /** The same with another key than that of fleet.yaml. */
  public static Repository of(FleetSpec fleet, BackupSpec.Repository spec, UserKey key) {
    return of(fleet, spec, Optional.of(key));
  }

  private static Repository of(FleetSpec fleet, BackupSpec.Repository spec, Optional<UserKey> key) {
    return new Repository(
        spec,
        fleet.name().value(),
        fleet.groups().getFirst().name().value(),
        store(spec),
        key,
        fleet.backup().key());
  }

  private static ObjectStore store(BackupSpec.Repository spec) {
    return switch (spec.store()) {
      case BackupSpec.Folder(Path path) -> new FolderStore(path);
      case BackupSpec.Bucket bucket ->
          new S3Store(
              new S3Store.Bucket(
                  bucket.endpoint().map(URI::create),
                  bucket.region(),
                  bucket.bucket(),
                  bucket.prefix(),
                  bucket
                      .login()
                      .map(login -> new S3Store.Login(login.accessKey(), secret(login.secret())))));
    };
  }

  private static String secret(PasswordSource source) {
    return switch (source) {
      case PasswordSource.FromEnvironment(String variable) ->
          RepositoryKeys.variable(variable, "the secret of an access key");
      case PasswordSource.FromFile(Path path) ->
          RepositoryKeys.firstLine(path, "The secret of an access key");
      case PasswordSource.Generated() ->
          throw new IllegalStateException("an access key's secret is never generated");
    };
  }

  /** Its name in fleet.yaml. */
  public String name() {
    return spec.name();
  }

  /**
   * What it holds of a database cluster.
   *
   * @param system the cluster's system identifier
   */
  public Archive archive(long system) {
    return Archive.open(
        store,
        new Archive.Owner(fleet, group, system),
        key,
        () -> source.map(RepositoryKeys::fetch));
  }

  /**
   * A change of the user's key.
   *
   * @param from the key that opens it now
   * @param to the key that is to open it
   */
  public KeyRotation rotation(UserKey from, UserKey to) {
    return new KeyRotation(store, fleet, from, to);
  }

  /** The clusters of the group of which it holds anything, by their system identifiers. */
  public List<Long> systems() {
    String root = fleet + "/" + group;
    try {
      return store.list(root).stream()
          .map(listed -> listed.name().substring(root.length() + 1))
          .filter(name -> name.contains("/"))
          .map(name -> name.substring(0, name.indexOf('/')))
          .distinct()
          .map(Long::parseUnsignedLong)
          .toList();
    } catch (IOException e) {
      throw new BackupException(
          Kind.STORE,
          "The repository " + store.place() + " could not list " + root + ": " + e.getMessage(),
          "See that it is up, and lets this host list it.",
          e);
    }
  }

  /** What is kept. */
  public Retention retention() {
    BackupSpec.Keep keep = spec.keep();
    return new Retention(keep.backups(), keep.age(), keep.window());
  }

  @Override
  public void close() {
    store.close();
  }
}
