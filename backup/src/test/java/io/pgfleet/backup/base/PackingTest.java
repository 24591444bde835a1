package io.pgfleet.backup.base;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.base.Manifest.PackedFile;
import io.pgfleet.backup.base.Packing.Packed;
import io.pgfleet.backup.store.MemoryStore;
import io.pgfleet.backup.store.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PackingTest {
  private static final int PACK = Packing.PACK;
  private static final int MEGA = 1024 * 1024;

  /** A file's bytes, of its name alone. */
  private static byte[] bytes(String name, int size) {
    byte[] bytes = new byte[size];
    new Random(name.hashCode()).nextBytes(bytes);
    return bytes;
  }

  private static Packed packed(ObjectStore store, Map<String, Integer> files) throws IOException {
    Archive archive = Archive.open(store, new Archive.Owner("shop", "main", 7), Optional.empty());
    Outage outage = new Outage(Duration.ZERO);
    Resumption begin =
        new Resumption(Attempt.first("b"), new ContentHash("seed"), List.of(), Set.of());
    PackDesk desk = new PackDesk(begin, outage, _ -> {});
    try (Packing packing = new Packing(archive, desk, outage, 2)) {
      for (Map.Entry<String, Integer> file : files.entrySet()) {
        packing.file(file.getKey(), file.getValue());
        packing.content(ByteBuffer.wrap(bytes(file.getKey(), file.getValue())));
        packing.endFile();
      }
      return packing.end();
    }
  }

  private static Map<String, Integer> files(int small) {
    Map<String, Integer> files = new LinkedHashMap<>();
    files.put("small", small);
    files.put("empty", 0);
    files.put("large", 2 * PACK + 5 * MEGA);
    files.put("behind", 2 * MEGA);
    files.put("over", 2 * MEGA);
    files.put("exact", PACK);
    files.put("exact again", PACK);
    files.put("last", 17);
    return files;
  }

  private static PackedFile file(Packed packed, String name) {
    return packed.files().stream().filter(file -> file.name().equals(name)).findFirst().get();
  }

  @Test
  void aLargeFileBeginsAPackAndSmallOnesShareThem() throws IOException {
    Packed packed = packed(new MemoryStore(), files(3 * MEGA));
    assertThat(packed.packs()).containsExactly(3 * MEGA, PACK, PACK, PACK, MEGA, PACK, PACK, 17);
    assertThat(file(packed, "large")).isEqualTo(new PackedFile("large", 21 * MEGA, 1, 0));
    assertThat(file(packed, "behind")).isEqualTo(new PackedFile("behind", 2 * MEGA, 3, 5 * MEGA));
    assertThat(file(packed, "over")).isEqualTo(new PackedFile("over", 2 * MEGA, 3, 7 * MEGA));
    assertThat(file(packed, "exact")).isEqualTo(new PackedFile("exact", PACK, 5, 0));
    assertThat(file(packed, "exact again")).isEqualTo(new PackedFile("exact again", PACK, 6, 0));
    assertThat(file(packed, "last")).isEqualTo(new PackedFile("last", 17, 7, 0));
  }

  @Test
  void everyFileIsFoundInItsPacks() throws IOException {
    MemoryStore store = new MemoryStore();
    Map<String, Integer> files = files(3 * MEGA);
    Packed packed = packed(store, files);
    Archive archive = Archive.open(store, new Archive.Owner("shop", "main", 7), Optional.empty());
    for (Map.Entry<String, Integer> one : files.entrySet()) {
      PackedFile file = file(packed, one.getKey());
      ByteBuffer read = ByteBuffer.allocate(one.getValue());
      int offset = file.offset();
      for (int pack = file.pack(); read.hasRemaining(); pack++) {
        byte[] content = archive.get(Manifest.pack("b", pack));
        read.put(content, offset, Math.min(read.remaining(), content.length - offset));
        offset = 0;
      }
      assertThat(read.array()).as(one.getKey()).isEqualTo(bytes(one.getKey(), one.getValue()));
    }
  }

  /** What makes it worth while to go on with a backup that broke off. */
  @Test
  void aSmallFileThatGrowsDoesNotShiftALargeOne() throws IOException {
    Set<String> before = contents(files(3 * MEGA));
    Set<String> after = contents(files(3 * MEGA + 1));
    after.removeAll(before);
    assertThat(after).hasSize(1);
  }

  private static Set<String> contents(Map<String, Integer> files) throws IOException {
    Set<String> contents = new HashSet<>();
    packed(new MemoryStore(), files).objects().forEach(object -> contents.add(object.content()));
    return contents;
  }
}
