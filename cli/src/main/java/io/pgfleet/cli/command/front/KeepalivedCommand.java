package io.pgfleet.cli.command.front;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.deploy.front.Keepalived;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet deploy keepalived}. */
@Command(
    name = "keepalived",
    description = {
      "Prints or writes a configuration of keepalived, for one host.",
      "",
      "With --node the virtual address stands on the host of the primary. With --gateway it stands",
      "on a gateway that answers. Each host gets a file of its own: call the command once for each."
    })
public final class KeepalivedCommand implements Callable<Integer> {
  @Mixin private FrontFile front = new FrontFile();

  @Option(
      names = "--virtual-ip",
      required = true,
      paramLabel = "ADDRESS/BITS",
      description = "The virtual address and the prefix of its network, such as 10.0.0.100/24.")
  private String virtual = "";

  @Option(
      names = "--interface",
      required = true,
      paramLabel = "NAME",
      description = "The network interface that gets it, such as eth0.")
  private String networkInterface = "";

  @Option(
      names = {"-n", "--node"},
      paramLabel = "NAME",
      description = "For the host of this node; the address follows the primary.")
  private @Nullable String node;

  @Option(
      names = "--gateway",
      paramLabel = "HOST[:PORT]",
      converter = Address.Converter.class,
      description =
          "A gateway that may have the address; one for each. Default port: gateway.port.")
  private List<Address> gateways = new ArrayList<>();

  @Option(
      names = "--this",
      paramLabel = "HOST[:PORT]",
      converter = Address.Converter.class,
      description = "The one of the gateways for whose host the file is.")
  private @Nullable Address self;

  @Option(
      names = "--router-id",
      paramLabel = "1-255",
      description = "Told apart by it on one network. Default: made from the address.")
  private @Nullable Integer routerId;

  /** For picocli, which fills in the rest. */
  public KeepalivedCommand() {}

  @Override
  public Integer call() throws IOException {
    FleetSpec spec = front.spec();
    front.put("keepalived", body(spec), "check it with: keepalived -t -f FILE");
    return 0;
  }

  private String body(FleetSpec spec) {
    int slash = virtual.indexOf('/');
    InetAddress address = address(slash < 0 ? virtual : virtual.substring(0, slash));
    Keepalived keepalived =
        new Keepalived(
            spec,
            address,
            bits(slash < 0 ? "" : virtual.substring(slash + 1)),
            networkInterface,
            routerId == null ? Keepalived.routerIdOf(address) : routerId);
    if (node != null && gateways.isEmpty() && self == null) {
      return keepalived.followingPrimary(name(node));
    }
    if (node == null && !gateways.isEmpty() && self != null) {
      int usual = spec.gateway().address().port();
      List<HostPort> all = gateways.stream().map(gateway -> gateway.or(usual)).toList();
      return keepalived.onGateways(self.or(usual), all);
    }
    throw new CommandFailure(
        CommandFailure.USAGE,
        "it is not said what the address follows, or for which host the file is",
        "for the primary: --node NAME; for gateways: --gateway HOST --gateway HOST --this HOST");
  }

  private static NodeName name(String text) {
    try {
      return new NodeName(text);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          CommandFailure.USAGE, "'" + text + "' is no name of a node", "fleet.yaml has them");
    }
  }

  private InetAddress address(String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw notAnAddress();
    }
  }

  private int bits(String text) {
    if (!text.matches("\\d{1,3}")) {
      throw notAnAddress();
    }
    return Integer.parseInt(text);
  }

  private CommandFailure notAnAddress() {
    return new CommandFailure(
        CommandFailure.USAGE,
        "'" + virtual + "' is no address with a prefix",
        "write it as in --virtual-ip 10.0.0.100/24");
  }
}
