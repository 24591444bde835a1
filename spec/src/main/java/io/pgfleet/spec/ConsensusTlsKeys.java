package io.pgfleet.spec;

import io.pgfleet.spec.setting.Choice;
import io.pgfleet.spec.setting.FilePath;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Values;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The section {@code consensus.tls}. */
final class ConsensusTlsKeys {
  static final Setting<Boolean> MODE =
      Setting.withDefault(
          "mode",
          new Choice<>(modes()),
          "disable",
          "Whether ZooKeeper servers of your own are spoken to by TLS: `disable` or `verify-full`,"
              + " which demands a certificate that names the server. Members use the"
              + " fleet's certificates by themselves.");
  static final Setting<Path> AUTHORITY =
      Setting.optional(
          "authority",
          new FilePath("a file", true),
          "the fleet's own authority",
          "The authorities whose certificates of ZooKeeper servers are believed, PEM.");
  static final Setting<Path> CERTIFICATE =
      Setting.optional(
          "certificate",
          new FilePath("a file", true),
          "the host's certificate of the fleet",
          "The certificate that is shown to ZooKeeper servers, and those up to its authority, PEM.");
  static final Setting<Path> KEY =
      Setting.optional(
          "key",
          new FilePath("a file", true),
          "that of the host's certificate; needed with a certificate",
          "The certificate's private key, PKCS#8 in PEM, not encrypted.");
  static final Section SECTION =
      Section.of(
          "a mapping of the keys mode, authority, certificate and key",
          MODE,
          AUTHORITY,
          CERTIFICATE,
          KEY);

  private ConsensusTlsKeys() {}

  private static Map<String, Boolean> modes() {
    Map<String, Boolean> words = new LinkedHashMap<>();
    words.put("disable", false);
    words.put("verify-full", true);
    return words;
  }

  static Optional<ConsensusSpec.Tls> record(Values tls) {
    if (!tls.get(MODE)) {
      return Optional.empty();
    }
    Optional<ConsensusSpec.Identity> identity =
        tls.find(CERTIFICATE)
            .flatMap(certificate ->
                tls.find(KEY).map(key -> new ConsensusSpec.Identity(certificate, key)));
    return Optional.of(new ConsensusSpec.Tls(tls.find(AUTHORITY), identity));
  }
}
