package io.pgfleet.bench.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.bench.Target;
import io.pgfleet.bench.client.ClientKeys;
import io.pgfleet.bench.peer.Peer;
import io.pgfleet.bench.peer.PeerKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LoadsTest {
  private static final Target TARGET = new Target("127.0.0.1", 5432, "bench", "bench", "secret");
  private static final List<Load> ALL =
      Loads.all(
          settings(List.of()),
          new Pgbench(Path.of("pgbench"), TARGET, 2, Path.of("folder")),
          new ClientKeys(TARGET));

  private static GatewaySettings settings(List<String> only) {
    return new GatewaySettings(
        5,
        List.of(16, 200),
        2,
        Duration.ofSeconds(4),
        Duration.ofSeconds(2),
        10,
        16,
        only,
        List.of(PeerKind.DIRECT, PeerKind.GATEWAY));
  }

  private static List<String> ids(String... only) {
    return Loads.chosen(ALL, List.of(only)).stream().map(Load::id).toList();
  }

  @Test
  void eachLoadHasANameOfItsOwn() {
    assertThat(ALL.stream().map(Load::id)).doesNotHaveDuplicates().hasSize(17);
    assertThat(ALL.stream().map(Load::title)).doesNotHaveDuplicates();
  }

  @Test
  void aWholeNameTakesOneLoadAndItsBeginningThoseThatBeginSo() {
    assertThat(ids("select-simple-16")).containsExactly("select-simple-16");
    assertThat(ids("select-simple")).containsExactly("select-simple-16", "select-simple-200");
    assertThat(ids("select")).hasSize(6);
    assertThat(ids()).hasSize(17);
  }

  @Test
  void aNameThatFitsNoneIsRefusedWithAllThatThereAre() {
    assertThatThrownBy(() -> ids("selec"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'selec'")
        .hasMessageContaining("large-result");
  }

  @Test
  void aPeerThatKeepsNoPreparedStatementsIsNotAskedTo() {
    Peer peer = new Peer(PeerKind.PGBOUNCER, "PgBouncer 1.18", 1, List.of(), false, false);
    assertThat(Loads.chosen(ALL, List.of("select-prepared-16")).getFirst().refused(peer))
        .contains("does not keep prepared statements");
    assertThat(Loads.chosen(ALL, List.of("tls-simple")).getFirst().refused(peer)).isPresent();
    assertThat(Loads.chosen(ALL, List.of("select-simple-16")).getFirst().refused(peer)).isEmpty();
  }

  @Test
  void whatIsExpectedGrowsWithEverythingThatIsDone() {
    assertThat(settings(List.of()).expected(17))
        .isBetween(Duration.ofMinutes(10), Duration.ofMinutes(16));
  }

  @Test
  void peersHaveNamesAndOthersAreRefused() {
    assertThat(PeerKind.parse(List.of("up", "direct", "up")))
        .containsExactly(PeerKind.DIRECT, PeerKind.UP);
    assertThatThrownBy(() -> PeerKind.parse(List.of("odyssey")))
        .hasMessageContaining("'odyssey'")
        .hasMessageContaining("pgbouncer");
  }
}
