package io.pgfleet.agent;

import io.pgfleet.agent.decide.LossBound;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.Versioned;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How long nobody has held the lease of a group that may lose commits in a failover. */
final class Vacancy {
  private record Seen(int version, long since) {}

  private final AgentSettings settings;
  private final Ticker ticker;
  private @Nullable Seen last;

  Vacancy(AgentSettings settings, Ticker ticker) {
    this.settings = settings;
    this.ticker = ticker;
  }

  /**
   * A planned move loses nothing: one that stopped for it takes its place again, after its yield,
   * before a standby that lacks something does.
   */
  private Duration grace(GroupView view) {
    boolean moves = view.state().filter(state -> !state.value().voters().isEmpty()).isPresent();
    return moves ? settings.yield().plus(settings.grace()) : settings.grace();
  }

  /** What a promotion may lose now; empty where that is nothing, or nobody is missing. */
  Optional<LossBound> lossBound(GroupView view) {
    if (settings.group().durability().waits() || view.lease().isPresent()) {
      last = null;
      return Optional.empty();
    }
    int version = view.state().map(Versioned::version).orElse(-1);
    Seen seen = last;
    if (seen == null || seen.version() != version) {
      seen = new Seen(version, ticker.nanos());
      last = seen;
    }
    return Optional.of(
        new LossBound(
            settings.group().maxLagOnFailover(),
            view.written().map(Versioned::value),
            ticker.nanos() - seen.since() >= grace(view).toNanos()));
  }
}
