package io.pgfleet.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Nodes written into the text of a file and taken out of it. */
class FleetEditTest {
  private static final Path FILE = Path.of("fleet.yaml");
  private static final NewNode N4 =
      new NewNode(
          new NodeName("n4"),
          Optional.of("10.0.0.4"),
          Optional.of(5555),
          Optional.empty(),
          false,
          false,
          Optional.empty(),
          Optional.empty());

  private static String added(String text) throws SpecException {
    return FleetEdit.with(text, FILE, N4);
  }

  private static String removed(String text, String node) throws SpecException {
    return FleetEdit.without(text, FILE, new NodeName(node));
  }

  @Test
  void aBlockGetsALineAndKeepsItsComments() throws SpecException {
    assertThat(
            added(
                """
                fleet: shop   # ours
                groups:
                  main:
                    nodes:
                      # the big ones
                      n1: { host: 10.0.0.1, port: 5441 } # rack 1

                      n2:      # rack 2
                        host: 10.0.0.2
                        port: 5441   # as ever

                    # how safe
                    synchronous: 1
                gateway: { port: 6432 }
                """))
        .isEqualTo(
            """
            fleet: shop   # ours
            groups:
              main:
                nodes:
                  # the big ones
                  n1: { host: 10.0.0.1, port: 5441 } # rack 1

                  n2:      # rack 2
                    host: 10.0.0.2
                    port: 5441   # as ever
                  n4: { host: 10.0.0.4, port: 5555 }

                # how safe
                synchronous: 1
            gateway: { port: 6432 }
            """);
  }

  @Test
  void bracesAreFilledWhereTheyStand() throws SpecException {
    assertThat(added("groups: { main: { nodes: { n1: {}, n2: { region: far } } } } # all\n"))
        .isEqualTo(
            "groups: { main: { nodes: { n1: {}, n2: { region: far }, n4: { host: 10.0.0.4, port:"
                + " 5555 } } } } # all\n");
    String several =
        """
        groups:
          main:
            nodes: {
              n1: {},   # first
              n2: {},   # second
            }
        """;
    assertThat(added(several)).contains("n2: {}, n4: { host: 10.0.0.4, port: 5555 },   # second");
    assertThat(removed(added(several), "n4")).isEqualTo(several);
    assertThat(removed(added(several), "n2")).contains("n1: {},   # first").contains("# second");
  }

  @Test
  void aDelayIsWrittenAsItWasGiven() throws SpecException {
    String text = "groups:\n  main:\n    nodes:\n      n1:\n      n2:\n      n3:\n";
    String after = FleetEdit.with(text, FILE, late("1h"));
    assertThat(after).endsWith("      n4: { delay: 1h }\n");
    assertThat(FleetFile.parse(after, FILE).groups().getFirst().nodes().getLast().delay())
        .isEqualTo(Duration.ofHours(1));
    assertThatThrownBy(() -> FleetEdit.with(text, FILE, late("for long")))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("not a duration");
  }

  private static NewNode late(String delay) {
    return new NewNode(
        new NodeName("n4"),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        Optional.of(delay),
        Optional.empty());
  }

  @Test
  void aMissingLineEndIsMadeAndOthersAreKept() throws SpecException {
    assertThat(added("groups:\n  main:\n    nodes:\n      n1:\n      n2:"))
        .isEqualTo(
            "groups:\n  main:\n    nodes:\n      n1:\n      n2:\n      n4: { host: 10.0.0.4, port:"
                + " 5555 }\n");
    assertThat(added("groups:\r\n  main:\r\n    nodes:\r\n      n1:\r\n      n2:\r\n"))
        .endsWith("      n2:\r\n      n4: { host: 10.0.0.4, port: 5555 }\r\n");
  }

  @Test
  void aNumberOfNodesIsWrittenOut() throws SpecException {
    assertThat(added("fleet: shop\ngroups:\n  main:\n    nodes: 2 # for now\n    synchronous: 1\n"))
        .contains("nodes:")
        .contains("# for now\n      n1:\n      n2:\n      n4: { host: 10.0.0.4, port: 5555 }\n")
        .endsWith("    synchronous: 1\n");
    assertThat(added("groups: { main: { nodes: 2 } }"))
        .isEqualTo(
            "groups: { main: { nodes: { n1: {}, n2: {}, n4: { host: 10.0.0.4, port: 5555 } } } }");
    assertThat(FleetFile.parse(added("fleet: shop"), FILE).groups().getFirst().nodes()).hasSize(4);
    assertThat(FleetFile.parse(added(""), FILE).groups().getFirst().nodes()).hasSize(4);
  }

  @Test
  void thoseBehindARemovedNodeKeepTheirPorts() throws SpecException {
    String after =
        removed(
            """
            groups:
              main:
                nodes:
                  n1:
                  # stays
                  n2: { region: far }
                  n3:
                    region: near
                  n5: {}
                  n6:
            """,
            "n1");
    assertThat(after)
        .isEqualTo(
            """
            groups:
              main:
                nodes:
                  # stays
                  n2: { port: 5442, region: far }
                  n3:
                    port: 5443
                    region: near
                  n5: { port: 5444 }
                  n6: { port: 5445 }
            """);
    assertThat(removed("groups: { main: { nodes: 3 } }\n", "n2"))
        .isEqualTo("groups: { main: { nodes: { n1: {}, n3: { port: 5443 } } } }\n");
  }

  @Test
  void whatWouldBeWrongIsRefusedWithItsPlace() {
    String three = "groups:\n  main:\n    synchronous: 2\n    nodes: { n1: , n2: , n3: }\n";
    assertThatThrownBy(() -> removed(three, "n2"))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("fleet.yaml:3:")
        .hasMessageContaining("2 standbys asked for");
    assertThatThrownBy(() -> removed(three, "n9"))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("fleet.yaml:4:")
        .hasMessageContaining("there is no node n9");
    assertThatThrownBy(() -> added("groups:\n  main:\n    nodes:\n      n1:\n      n4:\n"))
        .hasMessageContaining("fleet.yaml:5:7")
        .hasMessageContaining("there is a node n4 already");
    assertThatThrownBy(
            () -> added("groups:\n  main:\n    nodes:\n      n1: { host: 10.0.0.4, port: 5555 }\n"))
        .hasMessageContaining("fleet.yaml:5:")
        .hasMessageContaining("taken by node n1");
    assertThatThrownBy(() -> added("groups:\n  main:\n    durability: quorum\n"))
        .hasMessageContaining("fleet.yaml:3:")
        .hasMessageContaining("not written down");
    assertThatThrownBy(() -> added("groups:\n  main:\n    nodes:\n    n1: {}\n"))
        .isInstanceOf(SpecException.class);
  }
}
