package io.pgfleet.cli.up;

import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.gateway.Primary;
import io.pgfleet.gateway.PrimarySource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a gateway where writes go, from the agreed state: to the holder of the lease, once its
 * agent says that it serves. While the agreed state can't be read the last answer stands; a server
 * that is no longer the primary refuses writes itself.
 */
final class AgreedPrimary implements PrimarySource {
  private static final Logger log = LoggerFactory.getLogger(AgreedPrimary.class);

  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Optional<Primary> current = Optional.empty();

  /** Looks again; called after every change of the agreed state. */
  void refresh(GroupStore store) {
    Optional<Primary> next;
    try {
      next = of(store.view());
    } catch (AgreementException e) {
      log.debug("the agreed state can't be read now", e);
      return;
    }
    if (!next.equals(current)) {
      log.info("writes go to {}", next.map(Primary::toString).orElse("nobody"));
      current = next;
      listeners.forEach(Runnable::run);
    }
  }

  private static Optional<Primary> of(GroupView view) {
    return view.servingPrimary()
        .map(member ->
            new Primary(
                member.node().value(), member.host(), member.port(), member.term().number()));
  }

  @Override
  public Optional<Primary> current() {
    return current;
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }
}
