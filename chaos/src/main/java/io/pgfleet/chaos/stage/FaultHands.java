package io.pgfleet.chaos.stage;

import io.pgfleet.chaos.plan.Fault;
import io.pgfleet.testkit.fleet.FleetNode;
import io.pgfleet.testkit.fleet.Program;
import io.pgfleet.testkit.host.VirtualHost;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Does faults to a stage and takes them back. */
public final class FaultHands {
  private static final int BETWEEN_WAKINGS_MILLIS = 2_000;

  private final Stage stage;
  private final GroupWatch watch;

  /** Hands for a stage. */
  public FaultHands(Stage stage, GroupWatch watch) {
    this.stage = stage;
    this.watch = watch;
  }

  /** A fault that was done. */
  public interface Done {
    /** Whom it hit, for the report. */
    String target();

    /** Takes it back, as far as somebody from outside would; the rest is the fleet's work. */
    void undo() throws IOException, InterruptedException;
  }

  private interface Undoing {
    void run() throws IOException, InterruptedException;
  }

  private static Done done(String target, Undoing undoing) {
    return new Done() {
      @Override
      public String target() {
        return target;
      }

      @Override
      public void undo() throws IOException, InterruptedException {
        undoing.run();
      }
    };
  }

  private static void nothing() {
    // it took no time, so there is nothing to take back
  }

  /**
   * Does a fault.
   *
   * @throws StageException if it can't be done, which says nothing about the fleet
   */
  public Done begin(Fault fault) throws InterruptedException {
    FleetNode victim = victim(fault.victim());
    FleetNode peer = others(victim).get(fault.peer());
    try {
      return switch (fault.kind()) {
        case POSTMASTER_KILLED -> {
          victim.killPostmaster();
          yield done(victim.name(), FaultHands::nothing);
        }
        case AGENT_KILLED -> killAgent(victim);
        case POSTGRES_FROZEN -> {
          victim.signalServer("STOP");
          yield done(victim.name(), () -> victim.signalServer("CONT"));
        }
        case AGENT_FROZEN -> {
          victim.signalAgent("STOP");
          yield done(victim.name(), () -> victim.signalAgent("CONT"));
        }
        case HOST_FROZEN_SERVER_FIRST -> freeze(victim, true);
        case HOST_FROZEN_AGENT_FIRST -> freeze(victim, false);
        case HOST_KILLED -> {
          victim.killAll();
          yield done(victim.name(), victim::startAgent);
        }
        case HOST_LOST -> lose(victim);
        case HOST_CUT_OFF -> {
          victim.host().disconnect();
          yield done(victim.name(), victim.host()::connect);
        }
        case CUT_FROM_PEERS -> cutFromPeers(victim);
        case ONE_WAY_LOSS_TO_ONE -> {
          victim.host().muteTo(peer.host().address());
          yield done(victim.name() + " to " + peer.name(), stage.hosts()::heal);
        }
        case ONE_WAY_LOSS_TO_ALL -> mute(victim);
        case CONSENSUS_LEADER_KILLED -> killAgent(consensusLeader());
        case ALL_RESTARTED -> killEverything();
        case SWITCHOVER -> {
          Program.Result result = stage.switchOver();
          if (!result.succeeded()) {
            throw new StageException("a switchover was refused: " + result.output());
          }
          yield done(result.output().lines().reduce("", (_, last) -> last), FaultHands::nothing);
        }
        case GATEWAY_KILLED -> {
          stage.killGateway();
          yield done("g1", stage::startGateway);
        }
        case DISK_FULL -> {
          SmallDisk disk =
              stage.disk(victim).orElseThrow(() -> new StageException("there is no small disk"));
          disk.fill();
          yield done(victim.name(), disk::free);
        }
      };
    } catch (IOException e) {
      throw new StageException(fault + " could not be done", e);
    }
  }

  private FleetNode victim(Fault.Victim wanted) {
    FleetNode primary = watch.primary().orElse(stage.nodes().getFirst());
    return switch (wanted) {
      case PRIMARY -> primary;
      case FIRST_STANDBY -> others(primary).getFirst();
      case LAST_STANDBY -> others(primary).getLast();
    };
  }

  private List<FleetNode> others(FleetNode node) {
    List<FleetNode> others = new ArrayList<>(stage.nodes());
    others.remove(node);
    return others;
  }

  private FleetNode consensusLeader() {
    return stage.nodes().stream()
        .filter(FleetNode::leadsConsensus)
        .findFirst()
        .orElseThrow(() -> new StageException("no agent leads the consensus"));
  }

  private static Done killAgent(FleetNode victim) throws InterruptedException {
    victim.killAgent();
    return done(victim.name(), victim::startAgent);
  }

  private static Done freeze(FleetNode victim, boolean serverFirst) throws IOException {
    victim.freezeAll();
    return done(
        victim.name(),
        () -> {
          if (serverFirst) {
            victim.signalServer("CONT");
          } else {
            victim.signalOthers("CONT");
          }
          Thread.sleep(BETWEEN_WAKINGS_MILLIS);
          if (serverFirst) {
            victim.signalOthers("CONT");
          } else {
            victim.signalServer("CONT");
          }
        });
  }

  private static Done lose(FleetNode victim) throws IOException {
    victim.host().disconnect();
    victim.killAll();
    return done(
        victim.name(),
        () -> {
          victim.host().connect();
          victim.startAgent();
        });
  }

  private Done mute(FleetNode victim) throws IOException {
    for (VirtualHost other : stage.hosts().all()) {
      if (other != victim.host()) {
        victim.host().muteTo(other.address());
      }
    }
    victim.host().muteTo(stage.hosts().outside());
    return done(victim.name(), stage.hosts()::heal);
  }

  private Done cutFromPeers(FleetNode victim) throws IOException {
    for (FleetNode other : others(victim)) {
      victim.host().muteTo(other.host().address());
      other.host().muteTo(victim.host().address());
    }
    return done(victim.name(), stage.hosts()::heal);
  }

  private Done killEverything() throws IOException, InterruptedException {
    stage.killGateway();
    for (FleetNode node : stage.nodes()) {
      node.killAll();
    }
    return done(
        "all",
        () -> {
          for (FleetNode node : stage.nodes()) {
            node.startAgent();
          }
          stage.startGateway();
        });
  }
}
