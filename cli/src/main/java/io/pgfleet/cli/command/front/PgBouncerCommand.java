package io.pgfleet.cli.command.front;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.deploy.front.PgBouncer;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.HostPort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet deploy pgbouncer}. */
@Command(
    name = "pgbouncer",
    description = {
      "Prints or writes a pgbouncer.ini with the options of PgBouncer 1.18.",
      "",
      "Databases, pool modes, limits and times are those of fleet.yaml. It holds no password: the",
      "comment at its top says how to write the file of users."
    })
public final class PgBouncerCommand implements Callable<Integer> {
  private static final int USUAL_PORT = 6433;

  @Mixin private FrontFile front = new FrontFile();

  @Option(
      names = "--listen",
      paramLabel = "HOST[:PORT]",
      defaultValue = "127.0.0.1",
      converter = Address.Converter.class,
      description = "Where it listens. Default: 127.0.0.1:6433.")
  private Address listen = new Address.Converter().convert("127.0.0.1");

  @Option(
      names = "--to",
      paramLabel = "HOST[:PORT]",
      converter = Address.Converter.class,
      description = {
        "What it connects to: a gateway, a HAProxy, a virtual address.",
        "Default: gateway.host and gateway.port."
      })
  private @Nullable Address target;

  @Option(
      names = "--reads-to",
      paramLabel = "HOST:PORT",
      converter = Address.Converter.class,
      description = {
        "Where the databases NAME_read connect to, such as the read port of a HAProxy in front of",
        "servers. A gateway knows these names itself."
      })
  private @Nullable Address reads;

  @Option(
      names = "--auth-file",
      paramLabel = "FILE",
      defaultValue = "/etc/pgbouncer/userlist.txt",
      description = "The file of users. Default: /etc/pgbouncer/userlist.txt.")
  private Path userList = Path.of("/etc/pgbouncer/userlist.txt");

  /** For picocli, which fills in the rest. */
  public PgBouncerCommand() {}

  @Override
  public Integer call() throws IOException {
    FleetSpec spec = front.spec();
    int usual = spec.gateway().address().port();
    HostPort to = target == null ? spec.gateway().address() : target.or(usual);
    if (List.of("0.0.0.0", "::").contains(to.host())) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "gateway.host is " + to.host() + ", which is nowhere to connect to",
          "add --to with the address of a gateway, a HAProxy or a virtual address");
    }
    PgBouncer bouncer =
        new PgBouncer(
            spec,
            listen.or(USUAL_PORT),
            to,
            Optional.ofNullable(reads).map(address -> address.or(usual)),
            userList.toAbsolutePath());
    front.put("pgbouncer", bouncer.text(), "write " + userList + " as its comments say");
    return 0;
  }
}
