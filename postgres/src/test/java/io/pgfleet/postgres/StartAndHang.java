package io.pgfleet.postgres;

import io.pgfleet.postgres.install.InstalledPostgres;
import java.nio.file.Path;

/** A program that starts a server, says so, and waits to be killed. */
final class StartAndHang {
  private StartAndHang() {}

  public static void main(String[] arguments) throws InterruptedException {
    Server server =
        new Server(
            InstalledPostgres.at(Path.of(arguments[0])), Path.of(arguments[1]), Sandbox.user());
    server.configure(ServerConfig.loopback(Integer.parseInt(arguments[2])));
    server.start(Sandbox.PATIENCE);
    System.out.println("started");
    Thread.sleep(Long.MAX_VALUE);
  }
}
