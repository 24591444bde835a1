package io.pgfleet.cli.command.front;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.deploy.front.Haproxy;
import io.pgfleet.spec.FleetSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet deploy haproxy}. */
@Command(
    name = "haproxy",
    description = {
      "Prints or writes a configuration of HAProxy.",
      "",
      "With --gateway it stands in front of gateways, which is recommended: a failover ends no",
      "session. Else it stands in front of the servers, one port for writes and one for reads; every",
      "node needs 'checks' in fleet.yaml then."
    })
public final class HaproxyCommand implements Callable<Integer> {
  private static final int USUAL_READ_PORT = 5001;

  @Mixin private FrontFile front = new FrontFile();

  @Option(
      names = "--gateway",
      paramLabel = "HOST[:PORT]",
      converter = Address.Converter.class,
      description = "A gateway to send clients to; one for each. Default port: gateway.port.")
  private List<Address> gateways = new ArrayList<>();

  @Option(
      names = "--write-port",
      paramLabel = "PORT",
      defaultValue = "5000",
      description = "Where clients that write connect; with --gateway, all. Default: 5000.")
  private int writePort;

  @Option(
      names = "--read-port",
      paramLabel = "PORT",
      description = "Where clients that only read connect. Default: 5001. Not with --gateway.")
  private @Nullable Integer readPort;

  @Option(
      names = "--stats-port",
      paramLabel = "PORT",
      defaultValue = "7000",
      description = "The page about what it does, on loopback only. Default: 7000.")
  private int statsPort;

  /** For picocli, which fills in the rest. */
  public HaproxyCommand() {}

  @Override
  public Integer call() throws IOException {
    FleetSpec spec = front.spec();
    Haproxy haproxy = new Haproxy(spec, statsPort);
    front.put("haproxy", body(spec, haproxy), "check it with: haproxy -c -f FILE");
    return 0;
  }

  private String body(FleetSpec spec, Haproxy haproxy) {
    if (gateways.isEmpty()) {
      return haproxy.beforeServers(writePort, readPort == null ? USUAL_READ_PORT : readPort);
    }
    if (readPort != null) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "gateways send reads to standbys by themselves, so there is one port only",
          "leave --read-port out; the databases NAME_read and NAME_write force one side");
    }
    int usual = spec.gateway().address().port();
    return haproxy.beforeGateways(
        writePort, gateways.stream().map(gateway -> gateway.or(usual)).toList());
  }
}
