package io.pgfleet.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.wire.client.CopyFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackupStreamFuzzTest {
  private static final int ROUNDS = 3000;

  private final TarStreamTest.Notes notes = new TarStreamTest.Notes();

  private static byte[] archive() {
    return new TarArchive().folder("base").file("base/1", new byte[700]).ended();
  }

  private static byte[] message(char type, byte[] body) {
    byte[] message = new byte[body.length + 1];
    message[0] = (byte) type;
    System.arraycopy(body, 0, message, 1, body.length);
    return message;
  }

  private static List<byte[]> messages() {
    List<byte[]> messages = new ArrayList<>();
    messages.add(message('n', "base.tar\0\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    byte[] archive = archive();
    for (int at = 0; at < archive.length; at += 600) {
      messages.add(
          message('d', Arrays.copyOfRange(archive, at, Math.min(archive.length, at + 600))));
      messages.add(message('p', new byte[8]));
    }
    return messages;
  }

  private BackupStream take(List<byte[]> messages) throws IOException {
    BackupStream stream = new BackupStream(notes, _ -> {}, _ -> {});
    stream.rowDescription(List.of());
    stream.row(new String[] {"0/2000028", "1"});
    stream.commandComplete("SELECT");
    stream.rowDescription(List.of());
    stream.row(new String[] {null, null, "12"});
    stream.commandComplete("SELECT");
    stream.copyOut(new CopyFormat(false, 0));
    for (byte[] message : messages) {
      stream.copyData(ByteBuffer.wrap(message));
    }
    stream.copyDone();
    stream.rowDescription(List.of());
    stream.row(new String[] {"0/3000028", "1"});
    stream.commandComplete("SELECT");
    stream.end();
    return stream;
  }

  @Test
  void what_a_server_sends_is_taken() throws IOException {
    assertThat(take(messages()).finish()).hasToString("0/3000028");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void noise_ends_in_a_failure_or_a_result_and_nothing_else(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    for (int round = 0; round < ROUNDS; round++) {
      List<byte[]> messages = messages();
      for (int i = random.nextInt(1, 5); i > 0 && !messages.isEmpty(); i--) {
        spoil(messages, random);
      }
      try {
        take(messages);
      } catch (IOException expected) {
        assertThat(expected.getMessage()).as("seed %d, round %d", seed, round).isNotEmpty();
      }
    }
  }

  private static void spoil(List<byte[]> messages, RandomGenerator random) {
    int at = random.nextInt(messages.size());
    byte[] message = messages.get(at);
    switch (random.nextInt(5)) {
      case 0 -> messages.remove(at);
      case 1 -> messages.add(at, message);
      case 2 -> messages.set(at, Arrays.copyOf(message, random.nextInt(message.length + 1)));
      case 3 -> {
        byte[] noise = new byte[random.nextInt(1200)];
        random.nextBytes(noise);
        messages.set(at, noise);
      }
      default -> {
        if (message.length > 0) {
          message[random.nextInt(message.length)] = (byte) random.nextInt();
        }
      }
    }
  }

  @Test
  void answers_out_of_place_are_refused() {
    BackupStream stream = new BackupStream(notes, _ -> {}, _ -> {});
    assertThatThrownBy(() -> stream.copyOut(new CopyFormat(false, 0)))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> stream.commandComplete("SELECT")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> stream.row(new String[] {"nonsense", "1"}))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> stream.row(new String[] {"0/1", "-1"}))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(stream::end).isInstanceOf(IOException.class);
  }
}
