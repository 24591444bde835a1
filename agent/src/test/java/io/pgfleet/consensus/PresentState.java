package io.pgfleet.consensus;

import io.pgfleet.consensus.MemoryConsensus.Stored;
import java.util.List;
import java.util.Optional;

/** Reads the agreed state as it truly is, in no time, for checks. */
public final class PresentState implements Agreement {
  private final MemoryConsensus consensus;

  public PresentState(MemoryConsensus consensus) {
    this.consensus = consensus;
  }

  @Override
  public Optional<Entry> read(String path) {
    Stored stored = consensus.now().entries().get(path);
    return stored == null
        ? Optional.empty()
        : Optional.of(
            new Entry(
                path,
                stored.data(),
                stored.version(),
                stored.owner() == 0 ? Lifetime.PERSISTENT : Lifetime.SESSION,
                false));
  }

  @Override
  public List<String> children(String path) {
    String prefix = path + "/";
    return consensus.now().entries().keySet().stream()
        .filter(key -> key.startsWith(prefix))
        .map(key -> key.substring(prefix.length()))
        .filter(name -> name.indexOf('/') < 0)
        .toList();
  }

  /** A write by nobody in particular, in no time. */
  @Override
  public void commit(List<Change> changes) {
    consensus.apply(0, changes);
  }

  @Override
  public Entry create(String path, byte[] data, Lifetime lifetime) {
    commit(List.of(new Change.Create(path, data, lifetime)));
    return new Entry(path, data, 0, lifetime, false);
  }

  @Override
  public Entry compareAndSet(String path, byte[] data, int expectedVersion) {
    commit(List.of(new Change.Set(path, data, expectedVersion)));
    return new Entry(path, data, expectedVersion + 1, Lifetime.PERSISTENT, false);
  }

  @Override
  public void catchUp() {}

  @Override
  public void delete(String path, int expectedVersion) {
    commit(List.of(new Change.Delete(path, expectedVersion)));
  }

  @Override
  public Watch watch(String subtree, Runnable onChange) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Session session() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
