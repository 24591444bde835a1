package io.pgfleet.spec;

import io.pgfleet.spec.setting.Choice;
import io.pgfleet.spec.setting.FilePath;
import io.pgfleet.spec.setting.Flag;
import io.pgfleet.spec.setting.Items;
import io.pgfleet.spec.setting.Kind;
import io.pgfleet.spec.setting.OrWord;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Text;
import io.pgfleet.spec.setting.Time;
import io.pgfleet.spec.setting.Values;
import io.pgfleet.spec.setting.Whole;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What connections are like, to clients and to servers; keys of the section {@code gateway}. */
final class GatewayConnectionKeys {
  private static final Kind<Duration> PROBE_TIME =
      new OrWord<>(new Time(Duration.ofSeconds(1), Duration.ofHours(9)), "system", Duration.ZERO);

  static final Setting<Boolean> TCP_KEEPALIVE =
      Setting.withDefault(
          "tcp_keepalive",
          new Flag(),
          "true",
          "Whether the operating system probes silent connections, to clients and to servers.");
  static final Setting<Duration> TCP_KEEPIDLE =
      Setting.withDefault(
          "tcp_keepidle",
          PROBE_TIME,
          "system",
          "After how long a silence the first probe is sent; `system` leaves it to the operating"
              + " system.");
  static final Setting<Duration> TCP_KEEPINTVL =
      Setting.withDefault(
          "tcp_keepintvl", PROBE_TIME, "system", "The time between two unanswered probes.");
  static final Setting<Integer> TCP_KEEPCNT =
      Setting.withDefault(
          "tcp_keepcnt",
          new OrWord<>(new Whole("a number of probes", 1, 127), "system", 0),
          "system",
          "After how many unanswered probes a connection is given up.");

  private static final Text NETWORK =
      new Text(
          "a network",
          "[0-9a-fA-F.:]{2,45}/[0-9]{1,3}",
          "write an address and the length of its prefix, such as 10.0.0.0/8 or fd00::/8");
  static final Setting<List<String>> FROM =
      Setting.withDefault(
          "from",
          new Items<>("a list of networks", NETWORK),
          "[]",
          "The networks of load balancers that begin each connection with a PROXY protocol"
              + " version 2 header; from these it is demanded, from others refused.");
  static final Setting<Values> PROXY_PROTOCOL =
      Setting.section(
          "proxy_protocol",
          Section.of("a mapping of the key from", FROM),
          "Load balancers in front of the gateway that tell the client's own address.");

  static final Setting<GatewaySpec.TlsMode> TLS_MODE =
      Setting.withDefault(
          "mode",
          new Choice<>(tlsModes()),
          "disable",
          "Whether clients use TLS: not at all, if they `prefer` it, or they must; with `verify-ca`"
              + " and `verify-full` they must show a certificate, too.");
  static final Setting<Path> CERTIFICATE =
      Setting.optional(
          "certificate",
          new FilePath("a file", true),
          "none; needed unless mode is disable",
          "The gateway's certificate and those up to its authority, PEM. Read anew when the file"
              + " changes.");
  static final Setting<Path> KEY =
      Setting.optional(
          "key",
          new FilePath("a file", true),
          "none; needed unless mode is disable",
          "The certificate's private key, PEM, not encrypted.");
  static final Setting<Path> CLIENT_CA =
      Setting.optional(
          "client_ca",
          new FilePath("a file", true),
          "client certificates are not asked for",
          "The authorities whose client certificates are believed, PEM.");
  static final Setting<GatewaySpec.TlsVersion> MIN_PROTOCOL =
      Setting.withDefault(
          "min_protocol",
          new Choice<>(tlsVersions()),
          "TLSv1.2",
          "The oldest version of TLS that clients may speak.");
  static final Setting<Values> TLS =
      Setting.section(
          "tls",
          Section.of(
              "a mapping of keys such as mode and certificate",
              TLS_MODE,
              CERTIFICATE,
              KEY,
              CLIENT_CA,
              MIN_PROTOCOL),
          "TLS between clients and the gateway.");

  static final Setting<GatewaySpec.TlsMode> SERVER_TLS_MODE =
      Setting.withDefault(
          "mode",
          new Choice<>(tlsModes()),
          "disable",
          "As `sslmode` of libpq. Gateway and servers on one machine need none, hence the default. In"
              + " a fleet whose hosts have certificates of its own, `disable` stands for"
              + " `verify-full` with these.");
  static final Setting<Path> CA =
      Setting.optional(
          "ca",
          new FilePath("a file", true),
          "the authorities that Java knows",
          "The authorities whose server certificates are believed, PEM.");
  static final Setting<Path> OWN_CERTIFICATE =
      Setting.optional(
          "certificate",
          new FilePath("a file", true),
          "none",
          "The gateway's certificate for servers that ask for one, PEM.");
  static final Setting<Path> OWN_KEY =
      Setting.optional(
          "key",
          new FilePath("a file", true),
          "none; needed with a certificate",
          "That certificate's private key, PEM, not encrypted.");
  static final Setting<Values> SERVER_TLS =
      Setting.section(
          "server_tls",
          Section.of(
              "a mapping of the keys mode, ca, certificate and key",
              SERVER_TLS_MODE,
              CA,
              OWN_CERTIFICATE,
              OWN_KEY),
          "TLS between the gateway and the servers.");

  static final List<Setting<?>> SETTINGS =
      List.of(
          TCP_KEEPALIVE, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, PROXY_PROTOCOL, TLS, SERVER_TLS);

  private GatewayConnectionKeys() {}

  static GatewaySpec.Keepalive keepalive(Values values) {
    return new GatewaySpec.Keepalive(
        values.get(TCP_KEEPALIVE),
        values.get(TCP_KEEPIDLE),
        values.get(TCP_KEEPINTVL),
        values.get(TCP_KEEPCNT));
  }

  static List<String> proxies(Values values) {
    return values.get(PROXY_PROTOCOL).get(FROM);
  }

  static GatewaySpec.ClientTls clientTls(Values values) {
    Values tls = values.get(TLS);
    return new GatewaySpec.ClientTls(
        tls.get(TLS_MODE),
        tls.find(CERTIFICATE),
        tls.find(KEY),
        tls.find(CLIENT_CA),
        tls.get(MIN_PROTOCOL));
  }

  static GatewaySpec.ServerTls serverTls(Values values) {
    Values tls = values.get(SERVER_TLS);
    return new GatewaySpec.ServerTls(
        tls.get(SERVER_TLS_MODE), tls.find(CA), tls.find(OWN_CERTIFICATE), tls.find(OWN_KEY));
  }

  private static Map<String, GatewaySpec.TlsMode> tlsModes() {
    Map<String, GatewaySpec.TlsMode> words = new LinkedHashMap<>();
    words.put("disable", GatewaySpec.TlsMode.DISABLE);
    words.put("prefer", GatewaySpec.TlsMode.PREFER);
    words.put("require", GatewaySpec.TlsMode.REQUIRE);
    words.put("verify-ca", GatewaySpec.TlsMode.VERIFY_CA);
    words.put("verify-full", GatewaySpec.TlsMode.VERIFY_FULL);
    return words;
  }

  private static Map<String, GatewaySpec.TlsVersion> tlsVersions() {
    Map<String, GatewaySpec.TlsVersion> words = new LinkedHashMap<>();
    words.put("TLSv1.2", GatewaySpec.TlsVersion.TLS_1_2);
    words.put("TLSv1.3", GatewaySpec.TlsVersion.TLS_1_3);
    return words;
  }
}
