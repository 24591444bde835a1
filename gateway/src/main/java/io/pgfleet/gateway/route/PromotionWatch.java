package io.pgfleet.gateway.route;

import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.gateway.topology.Topology;
import io.pgfleet.gateway.topology.TopologySource;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where statements go, a little earlier: asks a server that was elected whether it has left
 * recovery, and calls it the primary then, in place of waiting until its agent has written that to
 * the agreed state and the word has come here.
 *
 * <p>It means the same. Only a standby takes the term that makes it the coming primary, and it is
 * promoted after that; so while the term is its own, to be out of recovery is to be the primary of
 * that term.
 */
public final class PromotionWatch implements TopologySource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PromotionWatch.class);
  private static final Duration BETWEEN = Duration.ofMillis(3);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final TopologySource source;
  private final Function<Primary, ConnectSettings> account;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Topology shown;
  private volatile boolean closed;
  private @Nullable Primary asked;
  private @Nullable Primary promoted;

  private PromotionWatch(TopologySource source, Function<Primary, ConnectSettings> account) {
    this.source = source;
    this.account = account;
    this.shown = source.current();
  }

  /**
   * Begins to watch.
   *
   * @param account how the gateway itself logs in to a server
   */
  public static PromotionWatch start(
      TopologySource source, Function<Primary, ConnectSettings> account) {
    PromotionWatch watch = new PromotionWatch(source, account);
    source.onChange(watch::changed);
    watch.changed();
    return watch;
  }

  @Override
  public Topology current() {
    return shown;
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  private void changed() {
    if (update()) {
      listeners.forEach(Runnable::run);
    }
  }

  private synchronized boolean update() {
    Topology next = source.current();
    Primary coming = next.coming().orElse(null);
    if (coming == null) {
      asked = null;
    } else if (coming.equals(promoted)) {
      next = new Topology(Optional.of(coming), next.standbys());
    } else if (!coming.equals(asked)) {
      asked = coming;
      Thread.ofVirtual().name("gateway-promotion-" + coming.node()).start(() -> watch(coming));
    }
    // The same object for as long as nothing has changed.
    boolean differs = !next.equals(shown);
    shown = differs ? next : shown;
    return differs;
  }

  /** Asks until it was promoted, or is not to be primary any more. */
  private void watch(Primary coming) {
    try (Connection connection =
        Connection.open(account.apply(coming).withTimeouts(PATIENCE, PATIENCE))) {
      while (isAsked(coming)) {
        if ("f".equals(recovers(connection))) {
          LOG.info("{} has left recovery", coming);
          promoted(coming);
          return;
        }
        Thread.sleep(BETWEEN);
      }
    } catch (IOException | PostgresException e) {
      // Its agent will say when it serves; this only is a shorter way.
      LOG.debug("{} can't be asked", coming, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static @Nullable String recovers(Connection connection)
      throws IOException, PostgresException {
    return connection.query("SELECT pg_catalog.pg_is_in_recovery()").getLast().single();
  }

  private synchronized boolean isAsked(Primary coming) {
    return !closed && coming.equals(asked);
  }

  private void promoted(Primary coming) {
    synchronized (this) {
      promoted = coming;
    }
    changed();
  }

  @Override
  public void close() {
    closed = true;
  }
}
