package io.pgfleet.parity;

import io.pgfleet.gateway.Primary;
import io.pgfleet.gateway.PrimarySource;
import java.util.Optional;

/** One primary that stays. */
record FixedPrimary(Primary primary) implements PrimarySource {
  @Override
  public Optional<Primary> current() {
    return Optional.of(primary);
  }

  @Override
  public void onChange(Runnable listener) {
    // it never changes
  }
}
