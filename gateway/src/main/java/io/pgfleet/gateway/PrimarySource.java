package io.pgfleet.gateway;

import java.util.Optional;

/** Where writes go now; changes as the fleet fails over. Called from any thread; never blocks. */
public interface PrimarySource {
  /** The primary of the highest known term, or nothing while there is none. */
  Optional<Primary> current();

  /** Has the listener run after each change of {@link #current}. It returns at once. */
  void onChange(Runnable listener);
}
