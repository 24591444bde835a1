package io.pgfleet.bench.engine.forward;

import io.pgfleet.bench.client.ClientKeys;
import io.pgfleet.bench.client.LoginDialogue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/** On the JDK alone: a selector a loop, and SSLEngine for TLS. */
final class NioForwarder implements AutoCloseable {
  private static final int BACKLOG = 4096;
  private static final int LOGIN_BUFFER = 1 << 16;

  private final ServerSocketChannel listener;
  private final List<NioLoop> loops;

  private NioForwarder(ServerSocketChannel listener, List<NioLoop> loops) {
    this.listener = listener;
    this.loops = loops;
  }

  static NioForwarder start(Setup setup) throws IOException, GeneralSecurityException {
    SSLContext tls = PemContext.of(setup.certificate(), setup.key());
    List<NioLoop> loops = new ArrayList<>();
    for (int i = 0; i < setup.loops(); i++) {
      loops.add(new NioLoop(tls));
    }
    ClientKeys keys = new ClientKeys(setup.server());
    for (int i = 0; i < setup.servers(); i++) {
      loops.get(i % loops.size()).addServer(logIn(setup.server().port(), keys));
    }
    ServerSocketChannel listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), setup.port()), BACKLOG);
    listener.configureBlocking(false);
    loops.getFirst().listen(listener, loops);
    loops.forEach(loop -> Thread.ofPlatform().name("loop").daemon().start(loop));
    return new NioForwarder(listener, loops);
  }

  private static SocketChannel logIn(int port, ClientKeys keys) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    LoginDialogue login = new LoginDialogue(keys);
    channel.write(ByteBuffer.wrap(login.startup()));
    ByteBuffer bytes = ByteBuffer.allocate(LOGIN_BUFFER);
    while (!login.isReady()) {
      if (channel.read(bytes) < 0) {
        throw new IOException("the server ended the login");
      }
      bytes.flip();
      while (bytes.remaining() >= 5 && bytes.remaining() > bytes.getInt(bytes.position() + 1)) {
        byte type = bytes.get();
        int length = bytes.getInt() - 4;
        ByteBuffer body = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        channel.write(ByteBuffer.wrap(login.answer(type, body)));
      }
      bytes.compact();
    }
    channel.configureBlocking(false);
    return channel;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    loops.forEach(NioLoop::stop);
  }
}
