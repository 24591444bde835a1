package io.pgfleet.backup.store;

import java.io.IOException;
import java.util.List;

/** Another store, for tests that have it fail or hesitate. */
public class WrappedStore implements ObjectStore {
  private final ObjectStore store;

  public WrappedStore(ObjectStore store) {
    this.store = store;
  }

  @Override
  public void put(String name, byte[] bytes) throws IOException {
    store.put(name, bytes);
  }

  @Override
  public boolean putIfAbsent(String name, byte[] bytes) throws IOException {
    return store.putIfAbsent(name, bytes);
  }

  @Override
  public byte[] get(String name) throws IOException {
    return store.get(name);
  }

  @Override
  public List<Listed> list(String folder) throws IOException {
    return store.list(folder);
  }

  @Override
  public void delete(String name) throws IOException {
    store.delete(name);
  }

  @Override
  public String place() {
    return store.place();
  }

  @Override
  public void close() {
    store.close();
  }
}
