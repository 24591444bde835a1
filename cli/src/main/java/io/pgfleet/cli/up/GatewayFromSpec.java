package io.pgfleet.cli.up;

import io.pgfleet.gateway.AccessSettings;
import io.pgfleet.gateway.CommitRules;
import io.pgfleet.gateway.GatewaySettings;
import io.pgfleet.gateway.PoolMode;
import io.pgfleet.gateway.PoolOverride;
import io.pgfleet.gateway.PoolRules;
import io.pgfleet.gateway.PoolSettings;
import io.pgfleet.gateway.auth.AuthSettings;
import io.pgfleet.gateway.observe.ObserveSettings;
import io.pgfleet.gateway.route.ReadSettings;
import io.pgfleet.gateway.tls.ClientTlsSettings;
import io.pgfleet.gateway.tls.ServerTlsSettings;
import io.pgfleet.gateway.tls.TlsMode;
import io.pgfleet.gateway.tls.TlsVersion;
import io.pgfleet.gateway.transport.KeepAlive;
import io.pgfleet.gateway.transport.Network;
import io.pgfleet.gateway.transport.Networks;
import io.pgfleet.gateway.transport.UnixSocketSettings;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.GatewaySpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.UserSpec;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/** What the gateway is started with, as the file says it. */
public final class GatewayFromSpec {
  private GatewayFromSpec() {}

  /** The settings; the fleet's own superusers may use the admin database, too. */
  public static GatewaySettings settings(FleetSpec fleet) {
    GatewaySettings named = settings(fleet.gateway());
    Set<String> admins = new HashSet<>(named.observe().adminUsers());
    fleet.users().stream().filter(UserSpec::superuser).map(UserSpec::name).forEach(admins::add);
    boolean waits = fleet.groups().stream().anyMatch(group -> group.durability().waits());
    return named.with(draft -> {
      draft.observe = named.observe().withUsers(admins, named.observe().statsUsers());
      draft.commits = new CommitRules(waits, Set.copyOf(fleet.gateway().asyncCommitUsers()));
    });
  }

  /** The settings of the gateway's section alone. */
  public static GatewaySettings settings(GatewaySpec spec) {
    GatewaySpec.Limits limits = spec.limits();
    GatewaySpec.Timeouts timeouts = spec.timeouts();
    return new GatewaySettings(
        address(spec.address()),
        spec.loops(),
        new PoolRules(
            pools(spec),
            each(spec.databases(), GatewayFromSpec::otherwise),
            each(spec.users(), GatewayFromSpec::otherwise)),
        limits.maxClientConn(),
        timeouts.clientLogin(),
        timeouts.serverConnect(),
        timeouts.serverLoginRetry(),
        timeouts.cancelWait(),
        timeouts.hold(),
        timeouts.drain(),
        limits.maxPreparedStatements(),
        limits.maxHeldBytes(),
        access(spec),
        reads(spec),
        new ObserveSettings(
            spec.metrics().map(GatewayFromSpec::address),
            given(spec.log().slowQuery()),
            spec.log().connections(),
            Set.copyOf(spec.adminUsers()),
            Set.copyOf(spec.statsUsers())),
        CommitRules.NONE,
        false);
  }

  private static InetSocketAddress address(HostPort address) {
    return new InetSocketAddress(address.host(), address.port());
  }

  private static <A, B> Map<String, B> each(Map<String, A> named, Function<A, B> change) {
    Map<String, B> changed = new LinkedHashMap<>();
    named.forEach((name, value) -> changed.put(name, change.apply(value)));
    return changed;
  }

  /** The file has zero for what is off. */
  private static Optional<Duration> given(Duration time) {
    return Optional.of(time).filter(Duration::isPositive);
  }

  private static PoolSettings pools(GatewaySpec spec) {
    GatewaySpec.Limits limits = spec.limits();
    GatewaySpec.Timeouts timeouts = spec.timeouts();
    return new PoolSettings(
        poolMode(spec.poolMode()),
        limits.defaultPoolSize(),
        limits.minPoolSize(),
        limits.reservePoolSize(),
        timeouts.reservePool(),
        limits.maxDbConnections(),
        limits.maxUserConnections(),
        timeouts.queryWait(),
        timeouts.query(),
        timeouts.idleTransaction(),
        timeouts.transaction(),
        timeouts.clientIdle(),
        timeouts.serverLifetime(),
        timeouts.serverIdle());
  }

  private static PoolMode poolMode(io.pgfleet.spec.PoolMode mode) {
    return switch (mode) {
      case TRANSACTION -> PoolMode.TRANSACTION;
      case SESSION -> PoolMode.SESSION;
      case STATEMENT -> PoolMode.STATEMENT;
    };
  }

  private static PoolOverride otherwise(GatewaySpec.Otherwise otherwise) {
    return new PoolOverride(
        otherwise.poolMode().map(GatewayFromSpec::poolMode),
        number(otherwise.poolSize()),
        number(otherwise.minPoolSize()),
        number(otherwise.reservePoolSize()),
        number(otherwise.maxConnections()),
        otherwise.queryTimeout(),
        otherwise.idleTransactionTimeout(),
        otherwise.transactionTimeout(),
        otherwise.clientIdleTimeout(),
        otherwise.serverLifetime());
  }

  private static OptionalInt number(Optional<Integer> number) {
    return number.map(OptionalInt::of).orElse(OptionalInt.empty());
  }

  private static AccessSettings access(GatewaySpec spec) {
    GatewaySpec.Auth auth = spec.auth();
    GatewaySpec.Keepalive keepalive = spec.keepalive();
    return new AccessSettings(
        clientTls(spec.clientTls()),
        serverTls(spec.serverTls()),
        new AuthSettings(
            auth.hba(),
            List.of(),
            auth.ident(),
            auth.userSecrets(),
            auth.maxFailedLogins(),
            auth.failedLoginsForgotten()),
        spec.unixSocketDir()
            .map(folder ->
                new UnixSocketSettings(folder, spec.address().port(), spec.unixSocketMode())),
        new Networks(spec.proxies().stream().map(Network::parse).toList()),
        new KeepAlive(
            keepalive.on(),
            given(keepalive.idle()),
            given(keepalive.interval()),
            Optional.of(keepalive.probes()).filter(probes -> probes > 0)));
  }

  private static ClientTlsSettings clientTls(GatewaySpec.ClientTls tls) {
    TlsVersion oldest =
        switch (tls.oldest()) {
          case TLS_1_2 -> TlsVersion.TLS_1_2;
          case TLS_1_3 -> TlsVersion.TLS_1_3;
        };
    return new ClientTlsSettings(
        tlsMode(tls.mode()), tls.certificate(), tls.key(), tls.clientCa(), oldest);
  }

  private static ServerTlsSettings serverTls(GatewaySpec.ServerTls tls) {
    return new ServerTlsSettings(tlsMode(tls.mode()), tls.ca(), tls.certificate(), tls.key());
  }

  private static TlsMode tlsMode(GatewaySpec.TlsMode mode) {
    return switch (mode) {
      case DISABLE -> TlsMode.DISABLE;
      case PREFER -> TlsMode.PREFER;
      case REQUIRE -> TlsMode.REQUIRE;
      case VERIFY_CA -> TlsMode.VERIFY_CA;
      case VERIFY_FULL -> TlsMode.VERIFY_FULL;
    };
  }

  private static ReadSettings reads(GatewaySpec spec) {
    GatewaySpec.Reads reads = spec.reads();
    Map<String, ReadSettings.Mode> databases = new LinkedHashMap<>();
    spec.databases()
        .forEach((name, otherwise) ->
            otherwise.reads().ifPresent(mode -> databases.put(name, readMode(mode))));
    return new ReadSettings(
        readMode(reads.mode()),
        databases,
        reads.maxLag(),
        reads.maxLagBytes(),
        switch (reads.readYourWrites()) {
          case SESSION -> ReadSettings.OwnWrites.SESSION;
          case USER -> ReadSettings.OwnWrites.USER;
          case OFF -> ReadSettings.OwnWrites.OFF;
        },
        switch (reads.allBehind()) {
          case PRIMARY -> ReadSettings.AllBehind.PRIMARY;
          case WAIT -> ReadSettings.AllBehind.WAIT;
          case ERROR -> ReadSettings.AllBehind.ERROR;
        },
        reads.region(),
        reads.readFunctions());
  }

  private static ReadSettings.Mode readMode(GatewaySpec.ReadMode mode) {
    return switch (mode) {
      case AUTOMATIC -> ReadSettings.Mode.AUTOMATIC;
      case OFF -> ReadSettings.Mode.OFF;
    };
  }
}
