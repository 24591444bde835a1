package io.pgfleet.spec;

import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Values;

/** The rules between the gateway's settings. */
final class GatewayRules {
  private final Values gateway;

  GatewayRules(Values gateway) {
    this.gateway = gateway;
  }

  void check() {
    Values limits = gateway;
    if (sound(limits, GatewayLimitKeys.DEFAULT_POOL_SIZE, GatewayLimitKeys.MIN_POOL_SIZE)) {
      checkSizes(
          limits,
          GatewayLimitKeys.MIN_POOL_SIZE,
          limits.get(GatewayLimitKeys.MIN_POOL_SIZE),
          limits.get(GatewayLimitKeys.DEFAULT_POOL_SIZE));
    }
    if (sound(limits, GatewayLimitKeys.DEFAULT_POOL_SIZE, GatewayKeys.LOOPS)) {
      checkLoops(
          limits,
          GatewayLimitKeys.DEFAULT_POOL_SIZE,
          limits.get(GatewayLimitKeys.DEFAULT_POOL_SIZE));
    }
    gateway.get(GatewayOverrideKeys.DATABASES).values().forEach(this::checkDatabase);
    checkTls(gateway.get(GatewayConnectionKeys.TLS));
    checkServerTls(gateway.get(GatewayConnectionKeys.SERVER_TLS));
    Values auth = gateway.get(GatewayAuthKeys.AUTH);
    if (auth.sound(GatewayAuthKeys.PASSWORD_HASHES)
        && auth.get(GatewayAuthKeys.PASSWORD_HASHES).isEmpty()) {
      auth.at(GatewayAuthKeys.PASSWORD_HASHES)
          .refuse("no stored password may be proved", "name scram-sha-256, or leave the key out");
    }
  }

  private void checkDatabase(Values database) {
    if (!sound(database, GatewayOverrideKeys.POOL_SIZE, GatewayOverrideKeys.MIN_POOL_SIZE)
        || !sound(gateway, GatewayLimitKeys.DEFAULT_POOL_SIZE, GatewayLimitKeys.MIN_POOL_SIZE)) {
      return;
    }
    int size =
        database
            .find(GatewayOverrideKeys.POOL_SIZE)
            .orElse(gateway.get(GatewayLimitKeys.DEFAULT_POOL_SIZE));
    boolean own = database.given(GatewayOverrideKeys.MIN_POOL_SIZE);
    int least =
        database
            .find(GatewayOverrideKeys.MIN_POOL_SIZE)
            .orElse(gateway.get(GatewayLimitKeys.MIN_POOL_SIZE));
    checkSizes(
        database,
        own ? GatewayOverrideKeys.MIN_POOL_SIZE : GatewayOverrideKeys.POOL_SIZE,
        least,
        size);
    if (gateway.sound(GatewayKeys.LOOPS)) {
      checkLoops(database, GatewayOverrideKeys.POOL_SIZE, size);
    }
  }

  private static void checkSizes(Values values, Setting<Integer> at, int least, int size) {
    if (least > size) {
      values
          .at(at)
          .refuse(
              "a pool can't keep " + least + " connections and have at most " + size,
              "make the pool larger or min_pool_size smaller");
    }
  }

  /** Each loop has its own connections, so that it needs no lock to use them. */
  private void checkLoops(Values values, Setting<Integer> at, int size) {
    int loops = gateway.get(GatewayKeys.LOOPS);
    if (size < loops) {
      values
          .at(at)
          .refuse(
              size + " connections are fewer than the " + loops + " loops, which need one each",
              "make the pool larger, or run fewer loops");
    }
  }

  private static void checkTls(Values tls) {
    if (!tls.sound(GatewayConnectionKeys.TLS_MODE)
        || tls.get(GatewayConnectionKeys.TLS_MODE) == GatewaySpec.TlsMode.DISABLE) {
      return;
    }
    need(tls, GatewayConnectionKeys.CERTIFICATE, "TLS needs a certificate");
    need(tls, GatewayConnectionKeys.KEY, "TLS needs the certificate's key");
  }

  private static void checkServerTls(Values tls) {
    if (!tls.sound(GatewayConnectionKeys.SERVER_TLS_MODE)) {
      return;
    }
    switch (tls.get(GatewayConnectionKeys.SERVER_TLS_MODE)) {
      case DISABLE, PREFER, REQUIRE -> {}
      case VERIFY_CA, VERIFY_FULL ->
          need(tls, GatewayConnectionKeys.CA, "verifying servers needs an authority");
    }
  }

  private static void need(Values values, Setting<?> setting, String why) {
    if (!values.given(setting)) {
      values.place().refuseKey(why, "add " + setting.key() + ": FILE to this section");
    }
  }

  private static boolean sound(Values values, Setting<?> one, Setting<?> other) {
    return values.sound(one) && values.sound(other);
  }
}
