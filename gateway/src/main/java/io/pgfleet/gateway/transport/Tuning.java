package io.pgfleet.gateway.transport;

import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import jdk.net.ExtendedSocketOptions;

/** Options of connections. */
public final class Tuning {
  private Tuning() {}

  /** Sets those of TCP; a Unix-domain socket has none. */
  public static void apply(SocketChannel channel, KeepAlive keepAlive) throws IOException {
    if (!channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
      return;
    }
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, keepAlive.on());
    if (keepAlive.on()) {
      if (keepAlive.idle().isPresent()) {
        set(
            channel,
            ExtendedSocketOptions.TCP_KEEPIDLE,
            Math.toIntExact(keepAlive.idle().get().toSeconds()));
      }
      if (keepAlive.interval().isPresent()) {
        set(
            channel,
            ExtendedSocketOptions.TCP_KEEPINTERVAL,
            Math.toIntExact(keepAlive.interval().get().toSeconds()));
      }
      if (keepAlive.count().isPresent()) {
        set(channel, ExtendedSocketOptions.TCP_KEEPCOUNT, keepAlive.count().get());
      }
    }
  }

  private static void set(SocketChannel channel, SocketOption<Integer> option, int value)
      throws IOException {
    channel.setOption(option, value);
  }
}
