package io.pgfleet.wire.scram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChannelBindingTest {
  private static final EndPoint HERE = new EndPoint("here".getBytes(StandardCharsets.UTF_8));
  private static final EndPoint THERE = new EndPoint("there".getBytes(StandardCharsets.UTF_8));
  private final ScramVerifier verifier = ScramVerifier.of("pencil", new byte[16], 4096);

  private void login(Optional<EndPoint> servers, ScramClient client) throws ScramException {
    ScramServer server = new ScramServer(verifier, servers);
    String first = server.first(client.mechanism(), client.first());
    client.verify(server.finish(client.respond(first)).serverFinal());
  }

  @Test
  void aBoundLoginSucceedsOverTheSameChannel() throws ScramException {
    ScramClient client = ScramClient.withPassword("pencil").binding(HERE, true);
    assertThat(client.mechanism()).isEqualTo(ScramClient.MECHANISM_PLUS);
    login(Optional.of(HERE), client);
  }

  @Test
  void aLoginBoundToAnotherChannelIsRefused() {
    ScramClient client = ScramClient.withPassword("pencil").binding(THERE, true);
    assertThatThrownBy(() -> login(Optional.of(HERE), client))
        .hasMessageContaining("channel binding has changed");
  }

  @Test
  void anOfferThatDidNotReachTheClientIsNoticed() {
    ScramClient client = ScramClient.withPassword("pencil").binding(HERE, false);
    assertThat(client.mechanism()).isEqualTo(ScramClient.MECHANISM);
    assertThatThrownBy(() -> login(Optional.of(HERE), client))
        .hasMessageContaining("somebody may have come between");
  }

  @Test
  void withoutAnOfferTheSameClientLogsIn() throws ScramException {
    login(Optional.empty(), ScramClient.withPassword("pencil").binding(HERE, false));
  }

  @Test
  void aClientWithoutBindingLogsInWhereItIsOffered() throws ScramException {
    login(Optional.of(HERE), ScramClient.withPassword("pencil"));
  }

  @Test
  void mechanismAndMessageMustGoTogether() {
    ScramServer offers = new ScramServer(verifier, Optional.of(HERE));
    assertThatThrownBy(() -> offers.first(ScramClient.MECHANISM_PLUS, "n,,n=,r=abc"))
        .isInstanceOf(ScramException.class);
    assertThatThrownBy(() -> offers.first(ScramClient.MECHANISM_PLUS, "p=tls-unique,,n=,r=abc"))
        .isInstanceOf(ScramException.class);
    assertThatThrownBy(() -> offers.first("p=tls-server-end-point,,n=,r=abc"))
        .isInstanceOf(ScramException.class);
    ScramServer plain = new ScramServer(verifier);
    assertThatThrownBy(
            () -> plain.first(ScramClient.MECHANISM_PLUS, "p=tls-server-end-point,,n=,r=abc"))
        .isInstanceOf(ScramException.class);
  }

  @Test
  void aPasswordGivesTheKeysOfItsVerifier() throws ScramException {
    ScramKeys keys = ScramKeys.of("pencil", verifier).orElseThrow();
    login(Optional.empty(), ScramClient.withKeys(keys));
    assertThat(ScramKeys.of("pencils", verifier)).isEmpty();
  }
}
