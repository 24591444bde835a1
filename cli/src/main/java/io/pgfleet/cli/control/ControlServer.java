package io.pgfleet.cli.control;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.consensus.JsonCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running program's side: a socket in a folder that only its owner may enter, which is all the
 * authentication there is and needs to be.
 */
public final class ControlServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ControlServer.class);

  /** A socket's path must fit sockaddr_un, 104 bytes on macOS and 108 on Linux. */
  private static final int LONGEST_PATH = 100;

  private static final Duration LAST_WORDS = Duration.ofSeconds(2);
  private static final int LONGEST_REQUEST = 8192;

  private final JsonCodec<Request> requests = JsonCodec.of(Request.class);
  private final JsonCodec<Reply> replies = JsonCodec.of(Reply.class);
  private final ControlPoint point;
  private final Path socket;
  private final ServerSocketChannel listener;
  private final Handler handler;
  private final Phaser answering = new Phaser(1);

  /** Answers requests. */
  public interface Handler {
    /**
     * Carries a request out and returns the last line of the answer.
     *
     * @param progress sends a line about a step
     * @throws CommandFailure for what the user should read
     */
    Reply handle(Request request, Consumer<String> progress);
  }

  private ControlServer(
      ControlPoint point, Path socket, ServerSocketChannel listener, Handler handler) {
    this.point = point;
    this.socket = socket;
    this.listener = listener;
    this.handler = handler;
  }

  /** Begins to listen. */
  public static ControlServer start(ControlPoint point, Handler handler) throws IOException {
    Path socket = socketPath(point);
    Files.deleteIfExists(socket);
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    pointTo(point.pointer(), socket);
    ControlServer server = new ControlServer(point, socket, listener, handler);
    Thread.ofPlatform().daemon().name("control").start(server::accept);
    return server;
  }

  /** A reader sees the whole of it or what stood there before. */
  private static void pointTo(Path pointer, Path socket) throws IOException {
    Path folder = pointer.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Path partial = pointer.resolveSibling(pointer.getFileName() + ".new");
    Files.writeString(partial, socket + "\n");
    Files.move(
        partial, pointer, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Path socketPath(ControlPoint point) throws IOException {
    Path folder = point.home().folder().resolve("run");
    if (folder.resolve(point.socket()).toString().length() <= LONGEST_PATH) {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      return folder.resolve(point.socket());
    }
    return Files.createTempDirectory("pgfleet").resolve(point.socket());
  }

  private void accept() {
    while (listener.isOpen()) {
      try {
        SocketChannel client = listener.accept();
        answering.register();
        Thread.ofVirtual().name("control-client").start(() -> serve(client));
      } catch (IOException e) {
        if (listener.isOpen()) {
          log.warn("the control socket failed", e);
        }
        return;
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client;
        InputStream in = Channels.newInputStream(client);
        OutputStream out = Channels.newOutputStream(client)) {
      String line = readLine(in);
      if (line.isEmpty()) {
        return;
      }
      send(out, answer(line, out));
    } catch (IOException e) {
      log.debug("a command went away", e);
    } finally {
      answering.arriveAndDeregister();
    }
  }

  private Reply answer(String line, OutputStream out) {
    try {
      Request request = requests.decode(line.getBytes(StandardCharsets.UTF_8));
      return handler.handle(
          request,
          step -> {
            try {
              send(out, Reply.progress(step));
            } catch (IOException e) {
              log.debug("nobody listens to the progress of {}", request.command());
            }
          });
    } catch (CommandFailure e) {
      return Reply.error(String.valueOf(e.getMessage()), e.hint());
    } catch (IllegalArgumentException e) {
      return Reply.error("that is no request: " + e.getMessage(), "");
    } catch (RuntimeException e) {
      log.error("a command failed", e);
      return Reply.error("unexpected failure: " + e, "read " + point.home().logFile());
    }
  }

  private void send(OutputStream out, Reply reply) throws IOException {
    byte[] json = replies.encode(reply);
    byte[] line = java.util.Arrays.copyOf(json, json.length + 1);
    line[json.length] = '\n';
    out.write(line);
    out.flush();
  }

  private static String readLine(InputStream in) throws IOException {
    var line = new java.io.ByteArrayOutputStream();
    int next;
    while ((next = in.read()) >= 0 && next != '\n' && line.size() < LONGEST_REQUEST) {
      line.write(next);
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  /** The command that stopped the program wants to be told. */
  private void awaitAnswers() {
    try {
      answering.awaitAdvanceInterruptibly(
          answering.arriveAndDeregister(), LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      log.debug("a command does not read its answer", e);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    awaitAnswers();
    // Another process may have taken this one's place.
    if (Files.exists(point.pointer())
        && Files.readString(point.pointer()).strip().equals(socket.toString())) {
      Files.deleteIfExists(point.pointer());
    }
    Files.deleteIfExists(socket);
  }
}
