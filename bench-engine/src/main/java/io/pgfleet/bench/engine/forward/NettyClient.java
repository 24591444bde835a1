package io.pgfleet.bench.engine.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslContext;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** A client's end on Netty. */
// What fails to be written or closed makes the channel inactive, and that is seen.
@SuppressWarnings("FutureReturnValueIgnored")
final class NettyClient extends ChannelInboundHandlerAdapter {
  private final Lending<NettyClient, NettyServer> lending;
  private final SslContext tls;
  private final Framer framer = Framer.ofClient();
  private final ArrayDeque<ByteBuf> held = new ArrayDeque<>();
  private @Nullable ChannelHandlerContext context;
  private @Nullable NettyServer server;
  private ByteBuf startup = Unpooled.EMPTY_BUFFER;
  private boolean welcomed;
  private boolean waits;
  private int unanswered;

  NettyClient(Lending<NettyClient, NettyServer> lending, SslContext tls) {
    this.lending = lending;
    this.tls = tls;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (!welcomed) {
      begin(from, bytes);
      return;
    }
    ByteBuffer readable = bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes());
    if (unanswered == 0 && framer.isAtEnd(readable)) {
      bytes.release();
      from.close();
      return;
    }
    framer.take(readable);
    unanswered += framer.counted();
    if (server == null && !waits) {
      server = lending.borrow(this);
      if (server != null) {
        server.lend(this);
      }
    }
    if (server == null) {
      waits = true;
      held.add(bytes);
    } else {
      server.write(bytes);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    if (server != null) {
      server.flush();
    }
  }

  /** SSLRequest or the start-up packet, which may come in parts. */
  private void begin(ChannelHandlerContext from, ByteBuf bytes) {
    startup = Unpooled.wrappedBuffer(startup, bytes);
    if (startup.readableBytes() < Greeting.SSL_REQUEST_LENGTH
        || startup.readableBytes() < startup.getInt(startup.readerIndex())) {
      return;
    }
    boolean request = startup.getInt(startup.readerIndex() + 4) == Greeting.SSL_REQUEST;
    startup.release();
    startup = Unpooled.EMPTY_BUFFER;
    if (request) {
      from.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {'S'}));
      from.pipeline().addFirst(tls.newHandler(from.alloc()));
    } else {
      welcomed = true;
      from.writeAndFlush(Unpooled.wrappedBuffer(Greeting.bytes()));
    }
  }

  /** A server came free for it. */
  void serve(NettyServer free) {
    waits = false;
    server = free;
    free.lend(this);
    while (!held.isEmpty()) {
      free.write(held.poll());
    }
    free.flush();
  }

  /** Takes an answer; the server is its own again only if nothing is owed any more. */
  boolean answer(ByteBuf bytes, int ready, byte status) {
    unanswered -= ready;
    if (context != null) {
      context.write(bytes);
    } else {
      bytes.release();
    }
    boolean done = ready > 0 && status == 'I' && unanswered == 0 && framer.isBetweenMessages();
    if (done) {
      server = null;
    }
    return done;
  }

  void flush() {
    if (context != null) {
      context.flush();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    lending.forget(this);
    held.forEach(ByteBuf::release);
    held.clear();
    context = null;
    if (server != null && unanswered == 0) {
      server.release();
    }
    server = null;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    from.close();
  }
}
