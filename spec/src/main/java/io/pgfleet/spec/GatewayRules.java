package io.pgfleet.spec;

import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Values;
import java.net.InetAddress;

/** The rules between the gateway's settings. */
final class GatewayRules {
  private final Values gateway;

  GatewayRules(Values gateway) {
    this.gateway = gateway;
  }

  void check() {
    if (sound(gateway, GatewayLimitKeys.DEFAULT_POOL_SIZE, GatewayLimitKeys.MIN_POOL_SIZE)) {
      checkSizes(
          gateway,
          GatewayLimitKeys.MIN_POOL_SIZE,
          gateway.get(GatewayLimitKeys.MIN_POOL_SIZE),
          gateway.get(GatewayLimitKeys.DEFAULT_POOL_SIZE));
    }
    gateway.get(GatewayOverrideKeys.DATABASES).values().forEach(this::checkDatabase);
    checkNetworks(gateway.get(GatewayConnectionKeys.PROXY_PROTOCOL));
    checkTls(gateway.get(GatewayConnectionKeys.TLS));
    checkServerTls(gateway.get(GatewayConnectionKeys.SERVER_TLS));
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

  private static void checkNetworks(Values proxies) {
    for (String network : proxies.get(GatewayConnectionKeys.FROM)) {
      if (!isNetwork(network)) {
        proxies
            .at(GatewayConnectionKeys.FROM)
            .refuse(
                network + " is no network",
                "write an address and how many of its bits count, such as 10.0.0.0/8");
      }
    }
  }

  private static boolean isNetwork(String text) {
    int slash = text.indexOf('/');
    try {
      int bits = InetAddress.ofLiteral(text.substring(0, slash)).getAddress().length * Byte.SIZE;
      return Integer.parseInt(text.substring(slash + 1)) <= bits;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void checkTls(Values tls) {
    if (!tls.sound(GatewayConnectionKeys.TLS_MODE)) {
      return;
    }
    GatewaySpec.TlsMode mode = tls.get(GatewayConnectionKeys.TLS_MODE);
    if (mode != GatewaySpec.TlsMode.DISABLE) {
      need(tls, GatewayConnectionKeys.CERTIFICATE, "TLS needs a certificate");
      need(tls, GatewayConnectionKeys.KEY, "TLS needs the certificate's key");
    }
    if (mode == GatewaySpec.TlsMode.VERIFY_CA || mode == GatewaySpec.TlsMode.VERIFY_FULL) {
      need(tls, GatewayConnectionKeys.CLIENT_CA, "client certificates need an authority");
    }
  }

  private static void checkServerTls(Values tls) {
    if (tls.given(GatewayConnectionKeys.OWN_CERTIFICATE)) {
      need(tls, GatewayConnectionKeys.OWN_KEY, "a certificate needs its key");
    }
    if (tls.given(GatewayConnectionKeys.OWN_KEY)) {
      need(tls, GatewayConnectionKeys.OWN_CERTIFICATE, "a key needs its certificate");
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
