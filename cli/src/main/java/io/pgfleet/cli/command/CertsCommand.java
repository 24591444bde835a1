package io.pgfleet.cli.command;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.HostBundle;
import io.pgfleet.cli.up.HostNames;
import io.pgfleet.deploy.certs.FleetAuthority;
import io.pgfleet.deploy.certs.HostFiles;
import io.pgfleet.deploy.certs.IssuedCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pgfleet certs}. */
@Command(
    name = "certs",
    description = {
      "Certificates by which the hosts of a fleet know each other, and what each host needs.",
      "",
      "The fleet's authority and its key stay on the host where 'init' is called; every other host"
          + " gets a folder made by 'bundle'."
    },
    subcommands = {
      CertsCommand.Init.class,
      CertsCommand.Issue.class,
      CertsCommand.Renew.class,
      CertsCommand.Show.class,
      CertsCommand.Bundle.class,
      CertsCommand.Install.class,
    })
public final class CertsCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** For picocli, which fills in the rest. */
  public CertsCommand() {
    spec = CommandSpec.create();
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static FleetRegistry registry() {
    return new FleetRegistry(Folders.ofUser());
  }

  private static FleetAuthority authority(FleetRecord record) {
    return FleetAuthority.open(record.home().authority());
  }

  private static String day(Instant instant) {
    return DateTimeFormatter.ISO_LOCAL_DATE.format(instant.atZone(ZoneOffset.UTC));
  }

  private static void say(IssuedCertificate one) {
    System.out.println(
        one.name()
            + ": valid until "
            + day(one.until())
            + " for "
            + String.join(", ", one.addresses()));
  }

  /** How long certificates are good for. */
  static final class Validity {
    @Option(
        names = "--days",
        defaultValue = "365",
        paramLabel = "N",
        description = "How long a certificate is good for. Default: ${DEFAULT-VALUE}.")
    private int days;

    Duration duration() {
      if (days < 1) {
        throw new CommandFailure(
            CommandFailure.USAGE, days + " days are no time", "choose 1 day or more");
      }
      return Duration.ofDays(days);
    }
  }

  /** {@code pgfleet certs init}. */
  @Command(
      name = "init",
      description = {
        "Makes the fleet's authority, its passwords, and a certificate for every host in the file.",
        "",
        "With --this the host where it is called is that node or witness, and gets its own."
      })
  static final class Init implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The fleet.yaml.")
    private @Nullable Path file;

    @Option(
        names = "--this",
        paramLabel = "NAME",
        description = "The node or witness that this host is.")
    private @Nullable String self;

    @Mixin private Validity validity = new Validity();

    @Override
    public Integer call() {
      Fleet fleet = FleetChoice.toStart(Optional.ofNullable(file), registry());
      HostNames names = HostNames.of(fleet);
      Optional.ofNullable(self).ifPresent(names::require);
      Path folder = fleet.record().home().authority();
      FleetAuthority authority = FleetAuthority.create(folder, fleet.record().name());
      HostBundle.makeSecrets(fleet);
      registry().remember(fleet.record());
      System.out.println(
          "the authority of fleet "
              + fleet.record().name()
              + " is in "
              + folder
              + ", valid until "
              + day(authority.until())
              + "; keep a copy of it in a safe place");
      names
          .all()
          .forEach(name -> say(authority.issue(name, names.addresses(name), validity.duration())));
      Optional.ofNullable(self)
          .ifPresent(name -> {
            HostBundle.installHere(fleet, authority, name);
            System.out.println("this host is " + name);
          });
      return 0;
    }
  }

  /** {@code pgfleet certs issue}. */
  @Command(
      name = "issue",
      description =
          "Issues a certificate for one host: a node or witness of the file, or another host that"
              + " runs a gateway, with --address.")
  static final class Issue implements Callable<Integer> {
    @Mixin private FleetChoice choice = new FleetChoice();

    @Parameters(paramLabel = "HOST", description = "A node, a witness, or a name of your choice.")
    private String host = "";

    @Option(
        names = {"-a", "--address"},
        paramLabel = "ADDRESS",
        description =
            "A name or address under which the host is reached; may be given several times."
                + " Default: those that the file has for it.")
    private List<String> addresses = List.of();

    @Mixin private Validity validity = new Validity();

    @Override
    public Integer call() {
      FleetRecord record = choice.started(registry());
      List<String> wanted =
          addresses.isEmpty()
              ? HostNames.of(new Fleet(record, FleetChoice.spec(record))).addresses(host)
              : addresses;
      say(authority(record).issue(host, wanted, validity.duration()));
      return 0;
    }
  }

  /** {@code pgfleet certs renew}. */
  @Command(
      name = "renew",
      description =
          "Issues certificates anew, with new keys, for the same addresses; 'bundle' and 'install'"
              + " take them to their hosts, where running processes pick them up.")
  static final class Renew implements Callable<Integer> {
    @Mixin private FleetChoice choice = new FleetChoice();

    @Parameters(arity = "0..*", paramLabel = "HOST", description = "Which. Default: all.")
    private List<String> hosts = List.of();

    @Mixin private Validity validity = new Validity();

    @Override
    public Integer call() {
      FleetAuthority authority = authority(choice.started(registry()));
      List<String> wanted =
          hosts.isEmpty() ? authority.all().stream().map(IssuedCertificate::name).toList() : hosts;
      wanted.forEach(host -> say(authority.renew(host, validity.duration())));
      return 0;
    }
  }

  /** {@code pgfleet certs show}. */
  @Command(
      name = "show",
      description = {
        "Lists certificates and until when they are valid.",
        "",
        "On the authority's host all that were issued; on others the host's own. Exit status 4 if"
            + " one ends within 30 days."
      })
  static final class Show implements Callable<Integer> {
    private static final Duration SOON = Duration.ofDays(30);

    @Mixin private FleetChoice choice = new FleetChoice();

    @Override
    public Integer call() {
      FleetRecord record = choice.started(registry());
      HostFiles own = new HostFiles(record.home().tls());
      boolean here = FleetAuthority.exists(record.home().authority());
      if (!here && !own.exist()) {
        throw new CommandFailure(
            "there is no certificate of fleet " + record.name() + " on this host",
            "'pgfleet certs init FILE' makes the first ones, 'pgfleet certs install FOLDER' brings"
                + " them to a host");
      }
      List<IssuedCertificate> all =
          here ? authority(record).all() : List.of(FleetAuthority.read(own));
      if (here) {
        System.out.println("authority: valid until " + day(authority(record).until()));
      }
      boolean soon = false;
      for (IssuedCertificate one : all) {
        say(one);
        soon |= one.until().isBefore(Instant.now().plus(SOON));
      }
      if (soon) {
        System.out.println("some end within 30 days: 'pgfleet certs renew'");
      }
      return soon ? CommandFailure.DEGRADED : 0;
    }
  }

  /** {@code pgfleet certs bundle}. */
  @Command(
      name = "bundle",
      description = {
        "Writes a folder with all that a host needs: fleet.yaml and the files it names, the"
            + " fleet's passwords, the host's certificate and key.",
        "",
        "Copy it over a safe way, such as scp, and delete it here; whoever has it is that host."
      })
  static final class Bundle implements Callable<Integer> {
    @Mixin private FleetChoice choice = new FleetChoice();

    @Parameters(index = "0", paramLabel = "HOST", description = "Which host it is for.")
    private String host = "";

    @Parameters(index = "1", paramLabel = "FOLDER", description = "Where to; must not exist.")
    private Path folder = Path.of("");

    @Override
    public Integer call() {
      FleetRecord record = choice.started(registry());
      Fleet fleet = new Fleet(record, FleetChoice.spec(record));
      HostBundle.write(fleet, authority(record), host, folder);
      System.out.println(
          "copy " + folder + " to " + host + ", and there: pgfleet certs install " + folder);
      return 0;
    }
  }

  /** {@code pgfleet certs install}. */
  @Command(
      name = "install",
      description =
          "Takes a host's passwords, certificate and key out of a folder that 'bundle' wrote. A"
              + " certificate that is there already is replaced.")
  static final class Install implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "The folder.")
    private Path folder = Path.of("");

    @Override
    public Integer call() {
      FleetRegistry registry = registry();
      Fleet fleet = fleet(registry);
      HostBundle.install(fleet, folder);
      registry.remember(fleet.record());
      System.out.println(
          "fleet "
              + fleet.record().name()
              + " is known on this host; start its agent with 'pgfleet agent --node NAME "
              + fleet.record().file().orElse(folder)
              + "'");
      return 0;
    }

    /** A fleet that the host has already keeps its file; only certificate and secrets are new. */
    private Fleet fleet(FleetRegistry registry) {
      Path file = folder.resolve("fleet.yaml");
      String name = FleetChoice.load(file).name().value();
      Optional<FleetRecord> known =
          registry.named(name).filter(record -> record.file().filter(Files::exists).isPresent());
      return known.isPresent()
          ? new Fleet(known.get(), FleetChoice.spec(known.get()))
          : FleetChoice.toStart(Optional.of(file), registry);
    }
  }
}
