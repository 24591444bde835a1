package io.pgfleet.gateway;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A primary that a test moves. */
final class MovablePrimary implements PrimarySource {
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Optional<Primary> current = Optional.empty();

  MovablePrimary(Primary first) {
    current = Optional.of(first);
  }

  @Override
  public Optional<Primary> current() {
    return current;
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  void move(Primary primary) {
    current = Optional.of(primary);
    listeners.forEach(Runnable::run);
  }

  void away() {
    current = Optional.empty();
    listeners.forEach(Runnable::run);
  }
}
