package io.pgfleet.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecordsTest {
  @Test
  void namesHaveTheirForm() {
    assertThat(new NodeName("n_1").toString()).isEqualTo("n_1");
    assertThat(new GroupName("a-b")).isGreaterThan(new GroupName("a"));
    assertThatIllegalArgumentException().isThrownBy(() -> new NodeName("a-b"));
    assertThatIllegalArgumentException().isThrownBy(() -> new GroupName(""));
    assertThatIllegalArgumentException().isThrownBy(() -> new FleetName("x".repeat(41)));
  }

  @Test
  void anAddressIsAHostAndAPort() {
    assertThat(new HostPort("db1", 1)).hasToString("db1:1");
    assertThat(new HostPort("fd00::5", 65_535)).hasToString("[fd00::5]:65535");
    assertThatIllegalArgumentException().isThrownBy(() -> new HostPort("db1", 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new HostPort("d b", 1));
  }

  @Test
  void aGroupHasAsManyStandbysAsItsCommitsNeed() {
    NodeSpec one = new NodeSpec(new NodeName("a"), new HostPort("h", 1), "local", Optional.empty());
    NodeSpec two = new NodeSpec(new NodeName("b"), new HostPort("h", 2), "local", Optional.empty());
    GroupName name = new GroupName("g");
    assertThat(new GroupSpec(name, Durability.QUORUM, 1, List.of(one, two)).nodes()).hasSize(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GroupSpec(name, Durability.QUORUM, 1, List.of(one)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GroupSpec(name, Durability.ASYNC, 1, List.of(one, two)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GroupSpec(name, Durability.QUORUM, 1, List.of(one, one)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GroupSpec(name, Durability.STRICT, 0, List.of(one, two)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GroupSpec(name, Durability.STRICT, 1, 1, List.of(one, two)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GroupSpec(name, Durability.ASYNC, 0, -1, List.of(one, two)));
  }
}
