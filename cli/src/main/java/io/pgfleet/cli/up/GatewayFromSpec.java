package io.pgfleet.cli.up;

import io.pgfleet.gateway.GatewaySettings;
import io.pgfleet.gateway.Limits;
import io.pgfleet.gateway.PoolMode;
import io.pgfleet.gateway.Timeouts;
import io.pgfleet.spec.GatewaySpec;
import io.pgfleet.spec.HostPort;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What the gateway is started with, as the file says it. */
public final class GatewayFromSpec {
  private GatewayFromSpec() {}

  /** The settings. */
  public static GatewaySettings settings(GatewaySpec spec) {
    return new GatewaySettings(
        address(spec.address()),
        spec.unixSocketDir(),
        spec.loops(),
        poolMode(spec.poolMode()),
        limits(spec.limits()),
        timeouts(spec.timeouts()),
        keepalive(spec.keepalive()),
        spec.proxies(),
        clientTls(spec.clientTls()),
        serverTls(spec.serverTls()),
        auth(spec.auth()),
        reads(spec.reads()),
        each(spec.databases(), GatewayFromSpec::database),
        each(spec.users(), GatewayFromSpec::user),
        spec.adminUsers(),
        spec.statsUsers(),
        spec.metrics().map(GatewayFromSpec::address),
        new GatewaySettings.Log(spec.log().connections(), spec.log().slowQuery()));
  }

  private static InetSocketAddress address(HostPort address) {
    return new InetSocketAddress(address.host(), address.port());
  }

  private static <A, B> Map<String, B> each(Map<String, A> named, Function<A, B> change) {
    Map<String, B> changed = new LinkedHashMap<>();
    named.forEach((name, value) -> changed.put(name, change.apply(value)));
    return changed;
  }

  private static PoolMode poolMode(io.pgfleet.spec.PoolMode mode) {
    return switch (mode) {
      case TRANSACTION -> PoolMode.TRANSACTION;
      case SESSION -> PoolMode.SESSION;
      case STATEMENT -> PoolMode.STATEMENT;
    };
  }

  private static Limits limits(GatewaySpec.Limits limits) {
    return new Limits(
        limits.maxClientConn(),
        limits.defaultPoolSize(),
        limits.minPoolSize(),
        limits.reservePoolSize(),
        limits.maxDbConnections(),
        limits.maxUserConnections(),
        limits.maxPreparedStatements(),
        limits.maxHeldBytes());
  }

  private static Timeouts timeouts(GatewaySpec.Timeouts timeouts) {
    return new Timeouts(
        timeouts.queryWait(),
        timeouts.reservePool(),
        timeouts.query(),
        timeouts.transaction(),
        timeouts.idleTransaction(),
        timeouts.clientIdle(),
        timeouts.clientLogin(),
        timeouts.serverConnect(),
        timeouts.serverLoginRetry(),
        timeouts.serverLifetime(),
        timeouts.serverIdle(),
        timeouts.cancelWait(),
        timeouts.hold(),
        timeouts.drain());
  }

  private static GatewaySettings.Keepalive keepalive(GatewaySpec.Keepalive keepalive) {
    return new GatewaySettings.Keepalive(
        keepalive.on(), keepalive.idle(), keepalive.interval(), keepalive.probes());
  }

  private static GatewaySettings.ClientTls clientTls(GatewaySpec.ClientTls tls) {
    GatewaySettings.ClientTls.Mode mode =
        switch (tls.mode()) {
          case DISABLE -> GatewaySettings.ClientTls.Mode.DISABLE;
          case ALLOW -> GatewaySettings.ClientTls.Mode.ALLOW;
          case REQUIRE -> GatewaySettings.ClientTls.Mode.REQUIRE;
        };
    return new GatewaySettings.ClientTls(mode, tls.certificate(), tls.key(), tls.clientCa());
  }

  private static GatewaySettings.ServerTls serverTls(GatewaySpec.ServerTls tls) {
    GatewaySettings.ServerTls.Mode mode =
        switch (tls.mode()) {
          case DISABLE -> GatewaySettings.ServerTls.Mode.DISABLE;
          case PREFER -> GatewaySettings.ServerTls.Mode.PREFER;
          case REQUIRE -> GatewaySettings.ServerTls.Mode.REQUIRE;
          case VERIFY_CA -> GatewaySettings.ServerTls.Mode.VERIFY_CA;
          case VERIFY_FULL -> GatewaySettings.ServerTls.Mode.VERIFY_FULL;
        };
    return new GatewaySettings.ServerTls(mode, tls.ca());
  }

  private static GatewaySettings.Auth auth(GatewaySpec.Auth auth) {
    List<GatewaySettings.Auth.PasswordHash> hashes =
        auth.passwordHashes().stream()
            .map(hash ->
                switch (hash) {
                  case SCRAM_SHA_256 -> GatewaySettings.Auth.PasswordHash.SCRAM_SHA_256;
                  case MD5 -> GatewaySettings.Auth.PasswordHash.MD5;
                })
            .toList();
    return new GatewaySettings.Auth(
        auth.hba(), auth.ident(), hashes, auth.maxFailedLogins(), auth.failedLoginWindow());
  }

  private static GatewaySettings.Reads reads(GatewaySpec.Reads reads) {
    GatewaySettings.Reads.OwnWrites ownWrites =
        switch (reads.readYourWrites()) {
          case SESSION -> GatewaySettings.Reads.OwnWrites.SESSION;
          case USER -> GatewaySettings.Reads.OwnWrites.USER;
          case OFF -> GatewaySettings.Reads.OwnWrites.OFF;
        };
    GatewaySettings.Reads.AllBehind allBehind =
        switch (reads.allBehind()) {
          case PRIMARY -> GatewaySettings.Reads.AllBehind.PRIMARY;
          case WAIT -> GatewaySettings.Reads.AllBehind.WAIT;
          case ERROR -> GatewaySettings.Reads.AllBehind.ERROR;
        };
    return new GatewaySettings.Reads(
        readMode(reads.mode()),
        reads.maxLag(),
        reads.maxLagBytes(),
        ownWrites,
        allBehind,
        reads.region(),
        reads.readFunctions());
  }

  private static GatewaySettings.Reads.Mode readMode(GatewaySpec.ReadMode mode) {
    return switch (mode) {
      case AUTOMATIC -> GatewaySettings.Reads.Mode.AUTOMATIC;
      case OFF -> GatewaySettings.Reads.Mode.OFF;
    };
  }

  private static GatewaySettings.DatabaseOverride database(GatewaySpec.DatabaseOverride database) {
    return new GatewaySettings.DatabaseOverride(
        database.poolMode().map(GatewayFromSpec::poolMode),
        database.poolSize(),
        database.minPoolSize(),
        database.reservePoolSize(),
        database.maxDbConnections(),
        database.reads().map(GatewayFromSpec::readMode));
  }

  private static GatewaySettings.UserOverride user(GatewaySpec.UserOverride user) {
    return new GatewaySettings.UserOverride(
        user.poolMode().map(GatewayFromSpec::poolMode), user.maxUserConnections());
  }
}
