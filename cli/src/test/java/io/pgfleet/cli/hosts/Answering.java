package io.pgfleet.cli.hosts;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A program that answers every question on a port with what a file says: the check of an agent, or
 * the first word of a gateway, as a test wants it to be.
 */
final class Answering {
  private Answering() {}

  /** The command that runs it. */
  static List<String> command(int port, Path answer) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx32m",
        "-cp",
        System.getProperty("java.class.path"),
        Answering.class.getName(),
        Integer.toString(port),
        answer.toString());
  }

  public static void main(String[] arguments) throws IOException {
    Path answer = Path.of(arguments[1]);
    try (ServerSocket server = new ServerSocket(Integer.parseInt(arguments[0]))) {
      while (true) {
        try (Socket client = server.accept()) {
          answer(client, answer);
        } catch (IOException e) {
          // The next one may stay for its answer.
        }
      }
    }
  }

  private static void answer(Socket client, Path answer) throws IOException {
    client.setSoTimeout(1000);
    InputStream in = client.getInputStream();
    byte[] question = new byte[200];
    int length = in.read(question);
    // What is unread when a connection is closed resets it.
    while (length > 0
        && new String(question, 0, length, StandardCharsets.ISO_8859_1).startsWith("OPTIONS")
        && !new String(question, 0, length, StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int more = in.read(question, length, question.length - length);
      length = more < 0 ? 0 : length + more;
    }
    client.getOutputStream().write(Files.readAllBytes(answer));
  }
}
