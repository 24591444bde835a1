package io.pgfleet.backup.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.store.ObjectStore.Listed;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreTest {
  @TempDir private Path folder;

  @Test
  void objectsArePutListedReplacedAndDeleted() throws Exception {
    try (FolderStore store = new FolderStore(folder.resolve("new/one"))) {
      assertThat(store.list("a")).isEmpty();
      store.put("a/b/2", new byte[] {2});
      store.put("a/1", new byte[] {1});
      store.put("a/b/2", new byte[] {2, 2});
      store.put("other", new byte[0]);
      assertThat(store.list("a")).containsExactly(new Listed("a/1", 1), new Listed("a/b/2", 2));
      assertThat(store.get("a/b/2")).containsExactly(2, 2);
      store.delete("a/b/2");
      store.delete("a/b/2");
      assertThatThrownBy(() -> store.get("a/b/2")).isInstanceOf(NoSuchFileException.class);
      assertThat(store.list("a")).containsExactly(new Listed("a/1", 1));
      assertThat(folder.resolve("new/one/a/b")).doesNotExist();
    }
  }

  @Test
  void namesThatLeadElsewhereAreRefused() {
    try (FolderStore store = new FolderStore(folder)) {
      for (String name :
          new String[] {"", "/a", "a/", "a//b", "..", "a/../b", ".a", "a b", "a\n"}) {
        assertThatThrownBy(() -> store.put(name, new byte[0]))
            .as(name)
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void whatACrashLeftHalfWrittenIsNoObject() throws Exception {
    try (FolderStore store = new FolderStore(folder)) {
      store.put("a/1", new byte[] {1});
      Files.writeString(folder.resolve("a/.part-1-1"), "half");
      assertThat(store.list("a")).containsExactly(new Listed("a/1", 1));
    }
  }

  @Test
  void puttingBesideDeletingLosesNothing() throws Exception {
    try (FolderStore store = new FolderStore(folder);
        var threads = Executors.newFixedThreadPool(4)) {
      List<Future<Void>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String own = "shared/" + i;
        Callable<Void> work =
            () -> {
              for (int round = 0; round < 200; round++) {
                store.put(own, new byte[] {(byte) round});
                assertThat(store.get(own)).containsExactly(round);
                store.delete(own);
              }
              return null;
            };
        all.add(threads.submit(work));
      }
      for (Future<Void> one : all) {
        one.get();
      }
    }
  }
}
