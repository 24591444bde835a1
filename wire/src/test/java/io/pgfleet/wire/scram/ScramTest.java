package io.pgfleet.wire.scram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScramTest {
  private static final byte[] SALT = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);
  private final ScramVerifier verifier = ScramVerifier.of("pencil", SALT, 4096);

  @Test
  void agreesWithTheExampleOfRfc7677() {
    byte[] salted =
        ScramMath.saltedPassword(
            "pencil", Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
    byte[] clientKey = ScramMath.clientKey(salted);
    String auth =
        "n=user,r=rOprNGfwEbeRWgbNEkqO,"
            + "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
            + "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    byte[] proof = ScramMath.xor(clientKey, ScramMath.hmac(ScramMath.sha256(clientKey), auth));
    assertThat(Base64.getEncoder().encodeToString(proof))
        .isEqualTo("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    assertThat(
            Base64.getEncoder().encodeToString(ScramMath.hmac(ScramMath.serverKey(salted), auth)))
        .isEqualTo("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  }

  @Test
  void aPasswordOpensAndGivesKeysThatOpenAgain() throws ScramException {
    ScramKeys keys = login(ScramClient.withPassword("pencil"));
    assertThat(login(ScramClient.withKeys(keys))).isEqualTo(keys);
  }

  private ScramKeys login(ScramClient client) throws ScramException {
    ScramServer server = new ScramServer(verifier);
    String serverFirst = server.first(client.first());
    ScramServer.Success success = server.finish(client.respond(serverFirst));
    client.verify(success.serverFinal());
    return success.keys();
  }

  @Test
  void aWrongPasswordIsRefused() {
    assertThatThrownBy(() -> login(ScramClient.withPassword("pencil ")))
        .isInstanceOf(ScramException.class)
        .hasMessage("password authentication failed");
  }

  @Test
  void nothingSatisfiesAMock() {
    ScramVerifier mock = ScramServer.mock(SALT, "nobody");
    assertThat(ScramServer.mock(SALT, "nobody")).isEqualTo(mock);
    ScramServer server = new ScramServer(mock);
    ScramClient client = ScramClient.withPassword("pencil");
    assertThatThrownBy(() -> server.finish(client.respond(server.first(client.first()))))
        .isInstanceOf(ScramException.class);
  }

  @Test
  void aServerThatDoesNotKnowTheVerifierIsFoundOut() throws ScramException {
    ScramClient client = ScramClient.withPassword("pencil");
    client.respond(new ScramServer(verifier).first(client.first()));
    assertThatThrownBy(() -> client.verify("v=" + "A".repeat(43) + "="))
        .isInstanceOf(ScramException.class);
  }

  @Test
  void theVerifierKeepsItsTextForm() {
    assertThat(ScramVerifier.parse(verifier.text())).isEqualTo(verifier);
    assertThat(verifier.toString()).doesNotContain(Base64.getEncoder().encodeToString(SALT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "n",
        "n,",
        "n,,",
        "n,,r=",
        "p=tls-unique,,n=,r=x",
        "n,,n=,r=a,r=b",
        "x,,n=,r=a"
      })
  void aMalformedFirstMessageIsRefused(String text) {
    assertThatThrownBy(() -> new ScramServer(verifier).first(text))
        .isInstanceOf(ScramException.class);
  }

  @Test
  void randomBytesNeverLogInAndNeverThrowAnythingElse() throws ScramException {
    Random random = new Random(7);
    for (int i = 0; i < 5000; i++) {
      byte[] noise = new byte[random.nextInt(80)];
      random.nextBytes(noise);
      String text = new String(noise, StandardCharsets.ISO_8859_1);
      ScramServer server = new ScramServer(verifier);
      server.first(ScramClient.withPassword("x").first());
      assertThatThrownBy(() -> server.finish(text)).isInstanceOf(ScramException.class);
      assertThatThrownBy(() -> server.finish("c=biws,r=" + text + ",p=" + text))
          .isInstanceOf(ScramException.class);
    }
  }
}
