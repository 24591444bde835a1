package io.pgfleet.agent.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.agent.Assent;
import io.pgfleet.agent.AssentRequest;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import io.pgfleet.testkit.FreePorts;
import io.pgfleet.testkit.TestFolder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AssentServerTest {
  private static final NodeName A = new NodeName("a");
  private static final NodeName B = new NodeName("b");
  private static final AssentRequest REQUEST =
      new AssentRequest("main", A, new Term(5), Duration.ofSeconds(3));

  private final HostPort address = new HostPort("127.0.0.1", FreePorts.one());
  private final PeerAccess access = new PeerAccess("secret", Optional.empty());
  private final BlockingQueue<AssentRequest> heard = new ArrayBlockingQueue<>(10);

  private Assent answer(AssentRequest request) {
    heard.offer(request);
    return new Assent(false, "not \"now\"");
  }

  private int status(String method, String path, String secret, byte[] body) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://" + address + path))
              .header(PeerAccess.HEADER, secret)
              .method(method, BodyPublishers.ofByteArray(body))
              .build();
      return client.send(request, BodyHandlers.discarding()).statusCode();
    }
  }

  @Test
  void aQuestionArrivesAndSoDoesTheAnswer() throws Exception {
    try (AssentServer _ = AssentServer.start(address, access, this::answer);
        AssentClient client = new AssentClient(_ -> Optional.of(address), access)) {
      BlockingQueue<Assent> answers = new ArrayBlockingQueue<>(10);
      @Nullable Assent answer = null;
      // One that takes longer than a second is none, and the first question is a slow one.
      for (int i = 0; i < 10 && answer == null; i++) {
        client.ask(B, REQUEST, answers::offer);
        answer = answers.poll(3, TimeUnit.SECONDS);
      }
      assertThat(answer).isEqualTo(new Assent(false, "not \"now\""));
      assertThat(heard).isNotEmpty().containsOnly(REQUEST);
    }
  }

  @Test
  void nobodyIsAnsweredWithoutTheSecret() throws Exception {
    try (AssentServer _ = AssentServer.start(address, access, this::answer)) {
      byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
      assertThat(status("POST", "/assent", "Bearer other", body)).isEqualTo(401);
      assertThat(status("POST", "/assent", "Bearer secret", body)).isEqualTo(400);
      assertThat(status("GET", "/assent", "Bearer secret", body)).isEqualTo(405);
      assertThat(status("POST", "/other", "Bearer secret", body)).isEqualTo(404);
      assertThat(heard).isEmpty();
    }
  }

  @Test
  void anyBytesAreARequestOrNone() {
    byte[] sound =
        "{\"group\":\"main\",\"from\":\"a\",\"term\":\"5\",\"length\":\"PT3S\"}"
            .getBytes(StandardCharsets.UTF_8);
    assertThat(AssentServer.request(sound)).contains(REQUEST);
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = sound.clone();
      for (int changes = 1 + random.nextInt(6); changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      // No exception but the one that it is made for.
      AssentServer.request(bytes).ifPresent(request -> assertThat(request.term()).isNotNull());
    }
  }

  @Test
  void whatIsWrittenDownIsThereUntilItIsTakenBack() throws Exception {
    try (TestFolder folder = TestFolder.create()) {
      PromiseFile file = new PromiseFile(folder.path().resolve("b"));
      assertThat(file.promised()).isZero();
      file.note(Duration.ofSeconds(10));
      file.note(Duration.ofMillis(3100));
      assertThat(file.promised()).isEqualTo(Duration.ofMillis(3100));
      Files.writeString(file.path(), "half");
      assertThat(file.promised()).isEqualTo(Duration.ofMinutes(1));
      file.note(Duration.ZERO);
      file.note(Duration.ZERO);
      assertThat(file.promised()).isZero();
    }
  }
}
