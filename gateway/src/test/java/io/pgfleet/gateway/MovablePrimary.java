package io.pgfleet.gateway;

import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.gateway.topology.Standby;
import io.pgfleet.gateway.topology.Topology;
import io.pgfleet.gateway.topology.TopologySource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A primary, and perhaps standbys, that a test moves. */
final class MovablePrimary implements TopologySource {
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Topology current;

  MovablePrimary(Primary first, Standby... standbys) {
    current = new Topology(Optional.of(first), List.of(standbys));
  }

  @Override
  public Topology current() {
    return current;
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  void move(Primary primary) {
    change(new Topology(Optional.of(primary), current.standbys()));
  }

  void away() {
    change(new Topology(Optional.empty(), current.standbys()));
  }

  void standbys(Standby... standbys) {
    change(new Topology(current.primary(), List.of(standbys)));
  }

  void change(Topology next) {
    current = next;
    listeners.forEach(Runnable::run);
  }
}
