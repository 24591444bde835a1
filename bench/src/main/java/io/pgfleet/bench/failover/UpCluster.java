package io.pgfleet.bench.failover;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import io.pgfleet.bench.fleet.FleetShape;
import io.pgfleet.bench.fleet.Launcher;
import io.pgfleet.bench.fleet.ScratchFleet;
import java.nio.file.Path;

/**
 * A fleet of three nodes as {@code pgfleet up} runs it: agents, agreed state and gateway in one
 * process of this machine. So it has no hosts that could be lost.
 */
final class UpCluster implements Cluster {
  private static final int NODES = 3;
  private static final String ONE_PROCESS =
      "'up' runs all agents in one process, so no host of it can be lost or frozen";

  private final ScratchFleet fleet;
  private final Target target;

  private UpCluster(ScratchFleet fleet, Target target) {
    this.fleet = fleet;
    this.target = target;
  }

  static UpCluster start(Launcher launcher, Path within) throws InterruptedException {
    ScratchFleet fleet = ScratchFleet.prepare(launcher, within, FleetShape.of(NODES));
    try {
      fleet.up();
      return new UpCluster(fleet, Target.ofUri(fleet.url()));
    } catch (RuntimeException | InterruptedException e) {
      fleet.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return "pgfleet up";
  }

  @Override
  public String settings() {
    return "pgfleet: its defaults, quorum with one standby";
  }

  @Override
  public String obstacle(Scenario scenario) {
    return switch (scenario) {
      case POSTMASTER_KILLED, SWITCHOVER -> "";
      case HOST_LOST, HOST_FROZEN -> ONE_PROCESS;
    };
  }

  @Override
  public Target target() {
    return target;
  }

  @Override
  public int primary() throws InterruptedException {
    return fleet.primary();
  }

  @Override
  public boolean isWhole() throws InterruptedException {
    return fleet.isWhole();
  }

  @Override
  public void killPostmaster(int host) {
    fleet.killServer(host);
  }

  @Override
  public void loseHost(int host) {
    throw new BenchException(ONE_PROCESS, "");
  }

  @Override
  public void bringBack(int host) {
    throw new BenchException(ONE_PROCESS, "");
  }

  @Override
  public void signalHost(int host, String signal) {
    throw new BenchException(ONE_PROCESS, "");
  }

  @Override
  public void switchover() throws InterruptedException {
    fleet.switchover();
  }

  @Override
  public void close() {
    fleet.close();
  }
}
