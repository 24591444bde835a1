package io.pgfleet.cli.archive;

import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.postgres.ServerTls;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.VerifiedTls;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A server that a base backup can be taken from.
 *
 * @param node its name
 * @param standby whether it is one
 * @param host where it listens
 * @param port where it listens
 */
public record BackupSource(String node, boolean standby, String host, int port) {
  /** Those of a status, the best first: standbys by their lag, then the primary. */
  public static List<BackupSource> of(StatusReport report) {
    return report.groups().getFirst().nodes().stream()
        .filter(node -> node.state().equals("serving") || node.state().equals("streaming"))
        .sorted(
            Comparator.comparing((StatusReport.Node node) -> node.role().equals("primary"))
                // One with a delay lacks what happened meanwhile.
                .thenComparing(node -> node.note().contains("delayed"))
                .thenComparing(node -> node.lagBytes().orElse(Long.MAX_VALUE)))
        .map(BackupSource::of)
        .toList();
  }

  private static BackupSource of(StatusReport.Node node) {
    int colon = node.address().lastIndexOf(':');
    String host = node.address().substring(0, colon);
    return new BackupSource(
        node.name(),
        node.role().equals("standby"),
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        Integer.parseInt(node.address().substring(colon + 1)));
  }

  /**
   * How it is reached.
   *
   * @param role as whom
   * @param tls this host's files, in a fleet that has them
   */
  public ConnectSettings settings(String role, String password, Optional<ServerTls> tls) {
    return ConnectSettings.of(host, port, "postgres", role)
        .withPassword(password)
        .withParameter("application_name", "pgfleet backup")
        .withEncryption(
            tls.map(files -> VerifiedTls.of(files.certificate(), files.key(), files.authority())));
  }
}
