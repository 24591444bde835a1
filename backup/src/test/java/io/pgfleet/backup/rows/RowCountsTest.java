package io.pgfleet.backup.rows;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.store.MemoryStore;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RowCountsTest {
  private static RowCounts counts(Map<String, Map<String, Long>> databases) {
    return new RowCounts(1, "n2", 3, "0/5A3F2C8", Instant.parse("2026-01-02T03:04:05Z"), databases);
  }

  @Test
  void whatIsAsItWasDiffersInNothing() {
    Map<String, Map<String, Long>> found =
        Map.of("app", Map.of("public.a", 3L, "public.b", 0L), "postgres", Map.of());
    assertThat(counts(found).difference(found)).isEmpty();
    assertThat(counts(found).tables()).isEqualTo(2);
    assertThat(counts(found).rows()).isEqualTo(3);
  }

  @Test
  void eachDifferenceIsTold() {
    RowCounts counts =
        counts(Map.of("app", Map.of("public.a", 3L, "public.b", 0L), "lost", Map.of()));
    assertThat(counts.difference(Map.of("app", Map.of("public.a", 2L, "public.c", 1L))))
        .isEqualTo(
            "table public.a of app has 2 rows, and had 3; table public.b of app is missing;"
                + " there is a table public.c in app, which was not there;"
                + " database lost is missing");
    assertThat(
            counts(Map.of())
                .difference(
                    Map.of(
                        "a", Map.of(), "b", Map.of(), "c", Map.of(), "d", Map.of(), "e", Map.of(),
                        "f", Map.of(), "g", Map.of())))
        .endsWith("; and 2 more");
  }

  @Test
  void theyAreAnObjectOfTheBackup() {
    MemoryStore store = new MemoryStore();
    Archive archive = Archive.open(store, new Archive.Owner("shop", "main", 7), Optional.empty());
    RowCounts counts = counts(Map.of("app", Map.of("public.\"Odd name\"", 12_345_678_901L)));
    RowCountFile.put(archive, "b1", counts);
    assertThat(RowCountFile.find(archive, "b1")).contains(counts);
    assertThat(RowCountFile.find(archive, "b2")).isEmpty();
    assertThat(archive.list("backups/b1")).hasSize(1);
  }
}
