package io.pgfleet.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarStreamTest {
  /** Writes down what it is given. */
  static final class Notes implements BackupSink {
    private final StringBuilder text = new StringBuilder();
    private long expected;

    @Override
    public void folder(String name) {
      text.append("folder ").append(name).append('\n');
    }

    @Override
    public void file(String name, long size) {
      text.append("file ").append(name).append(' ').append(size).append(": ");
      expected = size;
    }

    @Override
    public void content(ByteBuffer bytes) {
      expected -= bytes.remaining();
      text.append(StandardCharsets.ISO_8859_1.decode(bytes));
    }

    @Override
    public void endFile() {
      assertThat(expected).isZero();
      text.append('\n');
    }
  }

  private static String read(byte[] archive, int piece) throws IOException {
    Notes notes = new Notes();
    TarStream stream = new TarStream(notes);
    for (int at = 0; at < archive.length; at += piece) {
      stream.take(ByteBuffer.wrap(archive, at, Math.min(piece, archive.length - at)));
    }
    stream.end();
    return notes.text.toString();
  }

  private static byte[] sample() {
    return new TarArchive()
        .folder("base")
        .file("base/1", "one".getBytes(StandardCharsets.ISO_8859_1))
        .file("./empty", new byte[0])
        .file("full", "x".repeat(512).getBytes(StandardCharsets.ISO_8859_1))
        .folder("pg_wal/archive_status/")
        .ended();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 511, 512, 513, 100_000})
  void an_archive_is_the_same_in_pieces_of_any_size(int piece) throws IOException {
    assertThat(read(sample(), piece))
        .isEqualTo(
            "folder base\nfile base/1 3: one\nfile empty 0: \nfile full 512: "
                + "x".repeat(512)
                + "\nfolder pg_wal/archive_status\n");
  }

  @Test
  void an_archive_that_breaks_off_anywhere_is_noticed() {
    byte[] whole = sample();
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(part, 300)).isInstanceOf(ProtocolException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../x", "/etc/passwd", "a/../../x", "a//b", "..", "a/.", "./../x", "a/./b", "/"})
  void names_that_lead_out_are_refused(String name) {
    byte[] archive = new TarArchive().file(name, new byte[1]).ended();
    assertThatThrownBy(() -> read(archive, 512)).isInstanceOf(ProtocolException.class);
  }

  @ParameterizedTest
  @ValueSource(chars = {'1', '2', '3', '4', '6', '7', 'x', 'g', 'L'})
  void links_and_special_files_are_refused(char type) {
    byte[] archive = new TarArchive().entry("x", type, TarArchive.octal(0)).ended();
    assertThatThrownBy(() -> read(archive, 512)).isInstanceOf(ProtocolException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "77777777777 ",
        "9",
        "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff",
        "\u0080\0\0\0\0\u00ff\0\0\0\0\0\0",
        "-1"
      })
  void absurd_sizes_are_refused(String size) {
    byte[] archive = new TarArchive().entry("x", '0', size).ended();
    assertThatThrownBy(() -> read(archive, 512)).isInstanceOf(ProtocolException.class);
  }

  @Test
  void bytes_behind_the_end_are_refused() {
    byte[] archive = Arrays.copyOf(sample(), sample().length + 512);
    archive[archive.length - 1] = 1;
    assertThatThrownBy(() -> read(archive, 512)).isInstanceOf(ProtocolException.class);
  }
}
