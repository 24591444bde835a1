package io.pgfleet.backup.store;

import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** Objects in memory, for tests that put many. */
public final class MemoryStore implements ObjectStore {
  private final Map<String, byte[]> objects = new ConcurrentSkipListMap<>();

  @Override
  public void put(String name, byte[] bytes) {
    objects.put(ObjectNames.check(name), bytes.clone());
  }

  @Override
  public boolean putIfAbsent(String name, byte[] bytes) {
    return objects.putIfAbsent(ObjectNames.check(name), bytes.clone()) == null;
  }

  @Override
  public byte[] get(String name) throws NoSuchFileException {
    byte[] bytes = objects.get(name);
    if (bytes == null) {
      throw new NoSuchFileException(name);
    }
    return bytes.clone();
  }

  @Override
  public List<Listed> list(String folder) {
    return objects.entrySet().stream()
        .filter(object -> object.getKey().startsWith(folder + "/"))
        .map(object -> new Listed(object.getKey(), object.getValue().length))
        .toList();
  }

  @Override
  public void delete(String name) {
    objects.remove(name);
  }

  @Override
  public String place() {
    return "memory";
  }

  @Override
  public void close() {
    // Nothing is held open.
  }
}
