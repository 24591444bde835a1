package io.pgfleet.backup.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.Manifest.PackedFile;
import io.pgfleet.backup.store.MemoryStore;
import io.pgfleet.wire.Lsn;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BackupsTest {
  private final Archive archive =
      Archive.open(new MemoryStore(), new Archive.Owner("shop", "main", 7), Optional.empty());
  private final Backups backups = new Backups(archive);

  private static final Manifest MANIFEST =
      new Manifest(
          1,
          "20261122T101112Z-full-0a0b",
          -7,
          "18.6",
          "n1",
          2,
          Lsn.parse("0/3000028"),
          Lsn.parse("0/3000158"),
          3,
          Instant.parse("2026-11-22T10:11:12Z"),
          Instant.parse("2026-11-22T10:11:14.5Z"),
          1234,
          567,
          List.of("base", "base/1"),
          List.of(new PackedFile("PG_VERSION", 3, 0, 0)),
          List.of(3),
          32 << 20,
          List.of("00ff"),
          Optional.empty(),
          Optional.empty());

  @Test
  void aManifestComesBackAsItWas() {
    archive.put(Manifest.pack(MANIFEST.id(), 0), new byte[3]);
    backups.complete(MANIFEST);
    assertThat(backups.all()).containsExactly(MANIFEST);
  }

  @Test
  void aManifestThatNamesItsPacksIsOfItsOwnVersion() {
    String json =
        "{'format':3,'id':'b','system':7,'version':'18.6','source':'n1','timeline':1,"
            + "'start':'0/1','finish':'0/2','finishTimeline':1,'began':'2026-11-22T10:00:00Z',"
            + "'ended':'2026-11-22T10:01:00Z','bytes':1,'stored':1,'folders':[],'files':[],"
            + "'packs':[1,2],'resumed':{'carried':1,'objects':['data/00000007','data-x/00000001']}}";
    String text = json.replace('\'', '"');
    archive.put(Manifest.object("b"), text.getBytes(StandardCharsets.UTF_8));
    Manifest read = backups.find("b").orElseThrow();
    assertThat(read.packObjects())
        .containsExactly("backups/b/data/00000007", "backups/b/data-x/00000001");
    for (String wrong :
        List.of(text.replace("\"format\":3", "\"format\":1"), text.replace("[1,2]", "[1,2,3]"))) {
      archive.put(Manifest.object("b"), wrong.getBytes(StandardCharsets.UTF_8));
      assertThatThrownBy(() -> backups.find("b")).hasMessageContaining("can't be read");
    }
  }

  @Test
  void aBackupOfWhichSomethingWasDeletedIsNoWholeOne() {
    assertThatThrownBy(() -> backups.complete(MANIFEST))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining(Manifest.pack(MANIFEST.id(), 0));
    assertThat(backups.all()).isEmpty();
  }

  @Test
  void whatAManifestDoesNotSayIsAsItWasBeforeItCould() {
    String old =
        "{'format':1,'id':'b','system':7,'version':'18.6','source':'n1','timeline':1,"
            + "'start':'0/1','finish':'0/2','finishTimeline':1,'began':'2026-11-22T10:00:00Z',"
            + "'ended':'2026-11-22T10:01:00Z','bytes':1,'stored':1,'folders':[],'files':[],"
            + "'packs':[],'unknown':1}";
    archive.put(Manifest.object("b"), old.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    Manifest read = backups.find("b").orElseThrow();
    assertThat(read.segment()).isEqualTo(16 << 20);
    assertThat(read.checksums()).isEmpty();
    assertThat(read.prior()).isEmpty();
    // What a full backup's program can't read is of another version, not misread.
    String based = old.replace("'unknown':1", "'prior':'a'").replace('\'', '"');
    archive.put(Manifest.object("b"), based.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> backups.find("b")).hasMessageContaining("version 1 of the manifest");
    archive.put(
        Manifest.object("b"),
        based.replace("\"format\":1", "\"format\":2").getBytes(StandardCharsets.UTF_8));
    assertThat(backups.find("b").orElseThrow().prior()).contains("a");
  }

  @Test
  void whatIsNoManifestIsTold() {
    for (String wrong : new String[] {"", "{}", "[]", "{\"format\":2}"}) {
      archive.put(Manifest.object("b"), wrong.getBytes(StandardCharsets.UTF_8));
      assertThatThrownBy(() -> backups.find("b"))
          .as(wrong)
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("The manifest of backup b");
    }
  }
}
