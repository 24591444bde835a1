package io.pgfleet.deploy.systemd;

import io.pgfleet.deploy.DeployException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Units for the roles of a fleet (systemd.service(5), systemd.kill(5)).
 *
 * <p>The PostgreSQL server is not a child of its agent in life and death, so systemd must not end
 * it with the agent: {@code KillMode=process} sends the signal to the agent alone, and the server
 * stays in the unit's control group until the agent takes it over again. The one moment when nobody
 * would stop the server is the machine's shutdown; {@code ExecStop} asks for that.
 *
 * @param program the launcher
 * @param file the fleet.yaml
 * @param environment variables that the program must see
 */
public record Units(String fleet, Path program, Path file, Map<String, String> environment) {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:=@+,-]+");
  private static final Duration SLACK = Duration.ofSeconds(30);

  /** Makes the paths absolute. */
  public Units {
    program = program.toAbsolutePath();
    file = file.toAbsolutePath();
    environment = new TreeMap<>(environment);
    requirePlain(program.toString());
    requirePlain(file.toString());
    environment.values().forEach(Units::requirePlain);
  }

  /** What systemd reads differently is refused, rather than quoted for two readers at once. */
  private static void requirePlain(String text) {
    if (!PLAIN.matcher(text).matches()) {
      throw new DeployException(
          "'" + text + "' has a character that a unit file would have to quote",
          "use a path of letters, digits and . _ - / only");
    }
  }

  /** The agent of a node or witness. */
  public Unit agent(String node) {
    String call = program + " agent --node " + node;
    return new Unit(
        "pgfleet-agent-" + node + ".service",
        """
        [Unit]
        Description=pgfleet agent of %s, fleet %s
        Wants=network-online.target
        After=network-online.target
        StartLimitIntervalSec=0

        [Service]
        Type=exec
        %sExecStart=%s %s
        # The machine goes down: the server is stopped cleanly, too. Else it goes on.
        ExecStop=/bin/sh -c 'test "$(systemctl is-system-running)" != stopping || %s --stop-server %s'
        KillMode=process
        SuccessExitStatus=143
        Restart=always
        RestartSec=1
        TimeoutStopSec=150
        # One backend that takes too much memory must not end the others.
        OOMPolicy=continue
        TasksMax=infinity
        LimitNOFILE=65536

        [Install]
        WantedBy=multi-user.target
        """
            .formatted(node, fleet, variables(), call, file, call, file));
  }

  /**
   * A gateway.
   *
   * @param drain how long it serves the clients that it has after it was told to end
   */
  public Unit gateway(Duration drain) {
    return new Unit(
        "pgfleet-gateway.service",
        """
        [Unit]
        Description=pgfleet gateway, fleet %s
        Wants=network-online.target
        After=network-online.target
        StartLimitIntervalSec=0

        [Service]
        Type=exec
        %sExecStart=%s gateway --fleet %s
        KillMode=mixed
        SuccessExitStatus=143
        Restart=always
        RestartSec=1
        TimeoutStopSec=%d
        LimitNOFILE=1048576

        [Install]
        WantedBy=multi-user.target
        """
            .formatted(fleet, variables(), program, file, drain.plus(SLACK).toSeconds()));
  }

  private String variables() {
    StringBuilder lines = new StringBuilder();
    environment.forEach((name, value) ->
        lines.append("Environment=").append(name).append('=').append(value).append('\n'));
    return lines.toString();
  }
}
