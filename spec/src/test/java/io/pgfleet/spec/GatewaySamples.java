package io.pgfleet.spec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the gateway's section comes to, without one and for {@code full.yaml}. */
final class GatewaySamples {
  static final GatewaySpec DEFAULTS =
      new GatewaySpec(
          true,
          new HostPort("127.0.0.1", 6432),
          Optional.empty(),
          0777,
          1,
          PoolMode.TRANSACTION,
          new GatewaySpec.Limits(1000, 20, 0, 0, 0, 0, 200, 64L << 20),
          new GatewaySpec.Timeouts(
              Duration.ofSeconds(120),
              Duration.ofSeconds(5),
              Duration.ZERO,
              Duration.ZERO,
              Duration.ZERO,
              Duration.ZERO,
              Duration.ofSeconds(60),
              Duration.ofSeconds(15),
              Duration.ofSeconds(1),
              Duration.ofHours(1),
              Duration.ofMinutes(10),
              Duration.ofSeconds(10),
              Duration.ofSeconds(10),
              Duration.ofMinutes(5)),
          new GatewaySpec.Keepalive(true, Duration.ZERO, Duration.ZERO, 0),
          List.of(),
          new GatewaySpec.ClientTls(
              GatewaySpec.TlsMode.DISABLE,
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              GatewaySpec.TlsVersion.TLS_1_2),
          new GatewaySpec.ServerTls(
              GatewaySpec.TlsMode.DISABLE, Optional.empty(), Optional.empty(), Optional.empty()),
          new GatewaySpec.Auth(Optional.empty(), Optional.empty(), Optional.empty(), 100, 100),
          new GatewaySpec.Reads(
              GatewaySpec.ReadMode.AUTOMATIC,
              Duration.ofSeconds(1),
              16L << 20,
              GatewaySpec.OwnWrites.SESSION,
              GatewaySpec.AllBehind.PRIMARY,
              Optional.empty(),
              List.of()),
          Map.of(),
          Map.of(),
          List.of(),
          List.of(),
          List.of(),
          Optional.of(new HostPort("127.0.0.1", 8432)),
          new GatewaySpec.Log(false, Duration.ZERO));

  private GatewaySamples() {}

  /** With the file in this folder. */
  static GatewaySpec full(Path folder) {
    return new GatewaySpec(
        false,
        new HostPort("0.0.0.0", 7100),
        Optional.of(folder.resolve("sockets")),
        0770,
        4,
        PoolMode.SESSION,
        new GatewaySpec.Limits(70, 7, 2, 3, 40, 30, 50, 8L << 20),
        timeouts(),
        new GatewaySpec.Keepalive(false, Duration.ofSeconds(14), Duration.ofSeconds(15), 16),
        List.of("10.0.0.0/8", "fd00::/8"),
        new GatewaySpec.ClientTls(
            GatewaySpec.TlsMode.VERIFY_CA,
            Optional.of(folder.resolve("gw.crt")),
            Optional.of(folder.resolve("gw.key")),
            Optional.of(folder.resolve("ca.crt")),
            GatewaySpec.TlsVersion.TLS_1_3),
        new GatewaySpec.ServerTls(
            GatewaySpec.TlsMode.VERIFY_FULL,
            Optional.of(folder.resolve("ca.crt")),
            Optional.of(folder.resolve("gw.crt")),
            Optional.of(folder.resolve("gw.key"))),
        new GatewaySpec.Auth(
            Optional.of(folder.resolve("hba.conf")),
            Optional.of(folder.resolve("ident.conf")),
            Optional.of(folder.resolve("secrets.txt")),
            17,
            18),
        new GatewaySpec.Reads(
            GatewaySpec.ReadMode.OFF,
            Duration.ofMillis(19),
            20L << 10,
            GatewaySpec.OwnWrites.USER,
            GatewaySpec.AllBehind.WAIT,
            Optional.of("eu"),
            List.of("report.totals")),
        Map.of(
            "one",
            new GatewaySpec.Otherwise(
                Optional.of(PoolMode.STATEMENT),
                Optional.of(21),
                Optional.of(4),
                Optional.of(5),
                Optional.of(22),
                Optional.of(Duration.ofSeconds(23)),
                Optional.of(Duration.ofSeconds(25)),
                Optional.of(Duration.ofSeconds(24)),
                Optional.of(Duration.ofSeconds(26)),
                Optional.of(Duration.ofSeconds(27)),
                Optional.of(GatewaySpec.ReadMode.AUTOMATIC))),
        Map.of(
            "first",
            new GatewaySpec.Otherwise(
                Optional.of(PoolMode.SESSION),
                Optional.of(31),
                Optional.of(1),
                Optional.of(32),
                Optional.of(0),
                Optional.of(Duration.ZERO),
                Optional.of(Duration.ofSeconds(34)),
                Optional.of(Duration.ofSeconds(33)),
                Optional.of(Duration.ofSeconds(35)),
                Optional.of(Duration.ofSeconds(36)),
                Optional.empty())),
        List.of("first"),
        List.of("second", "third"),
        List.of("third"),
        Optional.empty(),
        new GatewaySpec.Log(true, Duration.ofMillis(250)));
  }

  private static GatewaySpec.Timeouts timeouts() {
    return new GatewaySpec.Timeouts(
        Duration.ofMillis(1500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(3),
        Duration.ofSeconds(4),
        Duration.ofSeconds(5),
        Duration.ofMinutes(6),
        Duration.ofSeconds(7),
        Duration.ofSeconds(8),
        Duration.ofSeconds(9),
        Duration.ofDays(2),
        Duration.ofMinutes(2),
        Duration.ofSeconds(11),
        Duration.ofSeconds(12),
        Duration.ofSeconds(13));
  }
}
