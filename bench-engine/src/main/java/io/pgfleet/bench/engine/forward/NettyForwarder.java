package io.pgfleet.bench.engine.forward;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.pgfleet.bench.client.ClientKeys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** On Netty, with its native transports, and BoringSSL for TLS. */
// What fails to be written or closed makes the channel inactive, and that is seen.
@SuppressWarnings("FutureReturnValueIgnored")
final class NettyForwarder implements AutoCloseable {
  private final EventLoopGroup group;

  private NettyForwarder(EventLoopGroup group) {
    this.group = group;
  }

  private record Transport(
      IoHandlerFactory factory,
      Class<? extends ServerChannel> listener,
      Class<? extends Channel> socket) {}

  private static Transport transport(Setup.Engine engine) {
    return switch (engine) {
      case EPOLL ->
          new Transport(
              EpollIoHandler.newFactory(),
              EpollServerSocketChannel.class,
              EpollSocketChannel.class);
      case IO_URING -> {
        IoUring.ensureAvailability();
        yield new Transport(
            IoUringIoHandler.newFactory(),
            IoUringServerSocketChannel.class,
            IoUringSocketChannel.class);
      }
      case NIO -> throw new IllegalArgumentException("plain NIO needs no Netty");
    };
  }

  static NettyForwarder start(Setup setup) throws Exception {
    Transport transport = transport(setup.engine());
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(setup.loops(), transport.factory());
    SslContext tls =
        SslContextBuilder.forServer(setup.certificate().toFile(), setup.key().toFile())
            .sslProvider(SslProvider.OPENSSL)
            .build();
    ClientKeys keys = new ClientKeys(setup.server());
    Map<EventLoop, Lending<NettyClient, NettyServer>> lendings = new HashMap<>();
    List<EventLoop> loops = new ArrayList<>();
    group.forEach(executor -> loops.add((EventLoop) executor));
    loops.forEach(loop -> lendings.put(loop, new Lending<>()));
    for (int i = 0; i < setup.servers(); i++) {
      EventLoop loop = loops.get(i % loops.size());
      NettyServer server = new NettyServer(Objects.requireNonNull(lendings.get(loop)), keys);
      new Bootstrap()
          .group(loop)
          .channel(transport.socket())
          .option(ChannelOption.TCP_NODELAY, true)
          .handler(server)
          .connect("127.0.0.1", setup.server().port())
          .sync();
      server.ready().get();
    }
    new ServerBootstrap()
        .group(group)
        .channel(transport.listener())
        .option(ChannelOption.SO_BACKLOG, 4096)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(
                        new NettyClient(
                            Objects.requireNonNull(lendings.get(channel.eventLoop())), tls));
              }
            })
        .bind("127.0.0.1", setup.port())
        .sync();
    return new NettyForwarder(group);
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS);
  }
}
