package io.pgfleet.bench.engine.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.pgfleet.bench.client.ClientKeys;
import io.pgfleet.bench.client.LoginDialogue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A server's end on Netty: logs in, and then passes answers on. */
// What fails to be written or closed makes the channel inactive, and that is seen.
@SuppressWarnings("FutureReturnValueIgnored")
final class NettyServer extends ChannelInboundHandlerAdapter {
  private final Lending<NettyClient, NettyServer> lending;
  private final LoginDialogue login;
  private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
  private final Framer framer = Framer.ofServer();
  private @Nullable ChannelHandlerContext context;
  private @Nullable NettyClient client;
  private @Nullable NettyClient toFlush;
  private ByteBuf rest = Unpooled.EMPTY_BUFFER;

  NettyServer(Lending<NettyClient, NettyServer> lending, ClientKeys keys) {
    this.lending = lending;
    this.login = new LoginDialogue(keys);
  }

  CompletableFuture<Boolean> ready() {
    return ready;
  }

  @Override
  public void channelActive(ChannelHandlerContext from) {
    context = from;
    from.writeAndFlush(Unpooled.wrappedBuffer(login.startup()));
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (!login.isReady()) {
      logIn(from, bytes);
      return;
    }
    framer.take(bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes()));
    NettyClient to = client;
    if (to == null) {
      bytes.release();
      return;
    }
    toFlush = to;
    if (to.answer(bytes, framer.counted(), framer.status())) {
      release();
    }
  }

  private void logIn(ChannelHandlerContext from, ByteBuf bytes) {
    rest = Unpooled.wrappedBuffer(rest, bytes);
    while (rest.readableBytes() >= 5
        && rest.readableBytes() > rest.getInt(rest.readerIndex() + 1)) {
      byte type = rest.readByte();
      ByteBuf body = rest.readSlice(rest.readInt() - 4);
      byte[] answer = login.answer(type, body.nioBuffer());
      if (answer.length > 0) {
        from.writeAndFlush(Unpooled.wrappedBuffer(answer));
      }
    }
    if (login.isReady()) {
      rest.release();
      rest = Unpooled.EMPTY_BUFFER;
      release();
      ready.complete(true);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    if (toFlush != null) {
      toFlush.flush();
      toFlush = null;
    }
  }

  void lend(NettyClient to) {
    client = to;
  }

  void write(ByteBuf bytes) {
    if (context != null) {
      context.write(bytes);
    }
  }

  void flush() {
    if (context != null) {
      context.flush();
    }
  }

  /** Free again: for whoever waits, or to rest. */
  void release() {
    client = null;
    NettyClient next = lending.giveBack(this);
    if (next != null) {
      next.serve(this);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    ready.completeExceptionally(cause);
    from.close();
  }
}
