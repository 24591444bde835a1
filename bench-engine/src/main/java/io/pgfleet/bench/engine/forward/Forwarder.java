package io.pgfleet.bench.engine.forward;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** {@code Forwarder SETTINGS}: forwards until it is killed. */
public final class Forwarder {
  private Forwarder() {}

  /** Serves, or says on standard error why the engine can't be had here. */
  public static void main(String[] arguments) throws Exception {
    Setup setup = Setup.read(Path.of(arguments[0]));
    start(setup);
    new CountDownLatch(1).await();
  }

  static AutoCloseable start(Setup setup) throws Exception {
    return switch (setup.engine()) {
      case NIO -> NioForwarder.start(setup);
      case EPOLL, IO_URING -> NettyForwarder.start(setup);
    };
  }
}
