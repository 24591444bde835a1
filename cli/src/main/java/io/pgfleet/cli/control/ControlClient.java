package io.pgfleet.cli.control;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.consensus.JsonCodec;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** A command's side of the talk with the running program. */
public final class ControlClient {
  private static final JsonCodec<Request> REQUESTS = JsonCodec.of(Request.class);
  private static final JsonCodec<Reply> REPLIES = JsonCodec.of(Reply.class);

  private ControlClient() {}

  /** Whether a program runs the fleet and listens. */
  public static boolean isRunning(FleetHome home) {
    return isRunning(ControlPoint.ofUp(home));
  }

  /** Whether the program runs and listens. */
  public static boolean isRunning(ControlPoint point) {
    try (SocketChannel channel = connect(point)) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static SocketChannel connect(ControlPoint point) throws IOException {
    Path socket = Path.of(Files.readString(point.pointer()).strip());
    return SocketChannel.open(UnixDomainSocketAddress.of(socket));
  }

  /**
   * Asks, and waits for the last line of the answer.
   *
   * @param progress told each step
   * @throws CommandFailure if no program runs the fleet, or it says that it failed
   */
  public static Reply ask(FleetHome home, Request request, Consumer<String> progress) {
    return ask(ControlPoint.ofUp(home), request, progress);
  }

  /**
   * Asks any program of the fleet.
   *
   * @throws CommandFailure if it does not run, or says that it failed
   */
  public static Reply ask(ControlPoint point, Request request, Consumer<String> progress) {
    try (SocketChannel channel = connect(point)) {
      byte[] line = REQUESTS.encode(request);
      ByteBuffer out = ByteBuffer.allocate(line.length + 1).put(line).put((byte) '\n').flip();
      while (out.hasRemaining()) {
        channel.write(out);
      }
      BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
      String answer;
      while ((answer = in.readLine()) != null) {
        Reply reply = REPLIES.decode(answer.getBytes(StandardCharsets.UTF_8));
        reply.progress().ifPresent(progress);
        if (reply.error().isPresent()) {
          throw new CommandFailure(reply.error().get(), reply.hint().orElse(""));
        }
        if (reply.done()) {
          return reply;
        }
      }
      throw new CommandFailure(
          point.what() + " ended before it had answered", "read " + point.home().logFile());
    } catch (IOException e) {
      throw new CommandFailure(
          CommandFailure.NOT_RUNNING, point.what() + " is not running", point.start());
    }
  }

  /** The status, or nothing if no program runs the fleet. */
  public static Optional<StatusReport> status(FleetHome home) {
    try {
      return ask(home, Request.of("status"), step -> {}).status();
    } catch (CommandFailure e) {
      return Optional.empty();
    }
  }
}
