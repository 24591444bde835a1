package io.pgfleet.cli.up;

import io.pgfleet.agent.server.Accounts;
import io.pgfleet.bench.peer.Certificate;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.gateway.Gateway;
import io.pgfleet.gateway.GatewaySettings;
import io.pgfleet.gateway.LookupAccount;
import io.pgfleet.gateway.tls.ClientTlsSettings;
import io.pgfleet.gateway.tls.TlsMode;
import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.gateway.topology.Topology;
import io.pgfleet.gateway.topology.TopologySource;
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
 * what such a process uses is the gateway's alone. {@code GatewayAlone FLEET.YAML SECRETS PORT
 * [CERTIFICATE KEY]}; with a certificate clients may ask for TLS.
 */
public final class GatewayAlone {
  private static final int WITH_TLS = 5;

  private GatewayAlone() {}

  /** Serves until it is killed. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Secrets secrets = new Secrets(Path.of(arguments[1]));
    Primary primary = new Primary("n1", "127.0.0.1", Integer.parseInt(arguments[2]), 1);
    LookupAccount account =
        new LookupAccount(
            "postgres", Accounts.GATEWAY, secrets.getOrCreate("role." + Accounts.GATEWAY));
    try (Gateway gateway =
        Gateway.start(
            settings(arguments), new Unchanging(Topology.of(Optional.of(primary))), account)) {
      System.out.println("listening on " + gateway.address());
      new CountDownLatch(1).await();
    }
  }

  private static GatewaySettings settings(String[] arguments) {
    GatewaySettings settings =
        GatewayFromSpec.settings(FleetChoice.load(Path.of(arguments[0])).gateway());
    return arguments.length < WITH_TLS
        ? settings
        : settings.withAccess(
            settings
                .access()
                .withClientTls(
                    ClientTlsSettings.of(
                        TlsMode.PREFER, Path.of(arguments[3]), Path.of(arguments[4]))));
  }

  /** The command that runs it with the flags and classes of this process. */
  public static List<String> command(
      Path file, Path secrets, int serverPort, Optional<Certificate> certificate) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(GatewayAlone.class.getName());
    command.addAll(List.of(file.toString(), secrets.toString(), Integer.toString(serverPort)));
    certificate.ifPresent(
        tls -> command.addAll(List.of(tls.certificate().toString(), tls.key().toString())));
    return command;
  }

  /** Servers that stay what they are. */
  private record Unchanging(Topology current) implements TopologySource {
    @Override
    public void onChange(Runnable listener) {
      // nothing ever does
    }
  }
}
