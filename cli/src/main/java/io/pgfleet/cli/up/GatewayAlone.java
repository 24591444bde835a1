package io.pgfleet.cli.up;

import io.pgfleet.agent.server.Accounts;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.gateway.Gateway;
import io.pgfleet.gateway.LookupAccount;
import io.pgfleet.gateway.Primary;
import io.pgfleet.gateway.PrimarySource;
import io.pgfleet.postgres.host.Secrets;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * The gateway as a process of its own before one server that stays the primary, for measurements:
 * what such a process uses is the gateway's alone. {@code GatewayAlone FLEET.YAML SECRETS PORT}.
 */
public final class GatewayAlone {
  private GatewayAlone() {}

  /** Serves until it is killed. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path file = Path.of(arguments[0]);
    Secrets secrets = new Secrets(Path.of(arguments[1]));
    Primary primary = new Primary("n1", "127.0.0.1", Integer.parseInt(arguments[2]), 1);
    LookupAccount account =
        new LookupAccount(
            "postgres", Accounts.GATEWAY, secrets.getOrCreate("role." + Accounts.GATEWAY));
    try (Gateway gateway =
        Gateway.start(
            FleetProgram.gatewaySettings(FleetChoice.load(file).gateway()),
            new OnePrimary(primary),
            account)) {
      System.out.println("listening on " + gateway.address());
      new CountDownLatch(1).await();
    }
  }

  /** The command that runs it with the flags and classes of this process. */
  public static List<String> command(Path file, Path secrets, int serverPort) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(GatewayAlone.class.getName());
    command.addAll(List.of(file.toString(), secrets.toString(), Integer.toString(serverPort)));
    return command;
  }

  /** A primary that never changes. */
  private record OnePrimary(Primary primary) implements PrimarySource {
    @Override
    public Optional<Primary> current() {
      return Optional.of(primary);
    }

    @Override
    public void onChange(Runnable listener) {
      // it never does
    }
  }
}
