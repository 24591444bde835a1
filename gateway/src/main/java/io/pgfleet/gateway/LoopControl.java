package io.pgfleet.gateway;

import io.pgfleet.gateway.admin.AdminCommand;
import io.pgfleet.gateway.admin.AdminRefusal;
import io.pgfleet.gateway.admin.Control;
import io.pgfleet.gateway.admin.View;
import io.pgfleet.gateway.observe.Account;
import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.gateway.observe.Trace;
import io.pgfleet.wire.SqlState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/** The admin database's hands: asks the loops, each on its own thread, and waits for them. */
final class LoopControl implements Control {
  private static final Duration POLL = Duration.ofMillis(10);

  /** What only the gateway as a whole can do. */
  interface Whole {
    /** No client is accepted any more. */
    void acceptNoMore();

    /** Ends at once. */
    void end();

    /**
     * Reads the settings again.
     *
     * @return what to tell beside the success
     */
    Optional<String> reload() throws AdminRefusal;

    /** Changes one setting, by PgBouncer's name of it. */
    void set(String key, String value) throws AdminRefusal;
  }

  private final Fleet fleet;
  private final List<EventLoop> loops;
  private final Whole whole;
  private final Averages averages;
  private final int port;

  LoopControl(Fleet fleet, List<EventLoop> loops, int port, Whole whole) {
    this.fleet = fleet;
    this.loops = loops;
    this.port = port;
    this.whole = whole;
    this.averages = new Averages(fleet.ticker);
  }

  /** Asks each loop on its thread. */
  <T> List<T> ask(Function<EventLoop, T> question) {
    List<T> answers = new ArrayList<>();
    for (EventLoop loop : loops) {
      try {
        answers.add(loop.ask(() -> question.apply(loop)).get(5, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while asking the gateway's loops", e);
      } catch (ExecutionException | TimeoutException e) {
        throw new IllegalStateException("a loop of the gateway does not answer", e);
      }
    }
    return answers;
  }

  Map<Account, Figures> figures() {
    Map<Account, Figures> sums = new HashMap<>();
    ask(loop -> loop.ledger.copy())
        .forEach(part ->
            part.forEach((account, figures) ->
                sums.computeIfAbsent(account, absent -> new Figures()).add(figures)));
    return sums;
  }

  /** Takes the figures for averages; called every minute. */
  void sample() {
    averages.take(figures());
  }

  List<LoopView> views() {
    return ask(LoopView::of);
  }

  @Override
  public View view() {
    List<LoopView> parts = views();
    Map<Account, Figures> sums = new HashMap<>();
    parts.forEach(part ->
        part.figures()
            .forEach((account, figures) ->
                sums.computeIfAbsent(account, absent -> new Figures()).add(figures)));
    Averages.Before before = averages.before();
    Holds holds = fleet.holds;
    return new View(
        Instant.now(),
        parts.stream().flatMap(part -> part.clients().stream()).toList(),
        parts.stream().flatMap(part -> part.servers().stream()).toList(),
        parts.stream().flatMap(part -> part.pools().stream()).toList(),
        sums,
        before.figures(),
        before.ago(),
        new View.State(
            holds.paused(), holds.suspended(), holds.pausedDatabases(), holds.disabledDatabases()),
        fleet.primary().map(primary -> new View.Peer(primary.host(), primary.port())),
        port,
        ConfigRows.of(fleet.settings, fleet.observe()),
        fleet.events.traced());
  }

  @Override
  public Optional<String> act(AdminCommand.Act act, BooleanSupplier wanted)
      throws AdminRefusal, InterruptedException {
    Optional<String> database = act.argument();
    return switch (act.verb()) {
      case PAUSE -> pause(database, wanted);
      case RESUME -> resume(database);
      case DISABLE -> {
        boolean changed = fleet.holds.disabled(database.orElseThrow(), true);
        yield changed ? Optional.empty() : Optional.of("it was disabled before");
      }
      case ENABLE -> {
        boolean changed = fleet.holds.disabled(database.orElseThrow(), false);
        yield changed ? Optional.empty() : Optional.of("it was not disabled");
      }
      case RECONNECT -> {
        each(database, Pool::reconnect);
        yield Optional.empty();
      }
      case KILL -> kill(database);
      case KILL_CLIENT -> killClient(Long.parseLong(database.orElseThrow()));
      case SUSPEND -> suspend(wanted);
      case SHUTDOWN -> shutDown(act.argument().orElse(""), wanted);
      case RELOAD -> whole.reload();
      case WAIT_CLOSE -> {
        until(wanted, () -> none(Pool::closing, database));
        yield Optional.empty();
      }
    };
  }

  private static void until(BooleanSupplier wanted, BooleanSupplier done)
      throws InterruptedException {
    while (wanted.getAsBoolean() && !done.getAsBoolean()) {
      Thread.sleep(POLL);
    }
  }

  private static Predicate<Pool> in(Optional<String> database) {
    return pool -> database.filter(name -> !name.equals(pool.key().database())).isEmpty();
  }

  private void each(Optional<String> database, java.util.function.Consumer<Pool> work) {
    ask(loop -> {
      List.copyOf(loop.pools()).stream().filter(in(database)).forEach(work);
      return true;
    });
  }

  private boolean none(Predicate<Pool> still, Optional<String> database) {
    return ask(loop -> loop.pools().stream().filter(in(database)).noneMatch(still)).stream()
        .allMatch(none -> none);
  }

  private Optional<String> pause(Optional<String> database, BooleanSupplier wanted)
      throws AdminRefusal, InterruptedException {
    if (fleet.holds.paused() || fleet.holds.suspended()) {
      throw new AdminRefusal("55000", "already suspended/paused");
    }
    if (database.isPresent()) {
      fleet.holds.paused(database.get(), true);
    } else {
      fleet.holds.paused(true);
    }
    until(
        wanted,
        () -> {
          each(database, Pool::closeIdle);
          return running(database) == 0 || !stillPaused(database);
        });
    each(database, Pool::closeIdle);
    int kept = ask(loop -> kept(loop, database)).stream().mapToInt(Integer::intValue).sum();
    return kept == 0
        ? Optional.empty()
        : Optional.of(
            kept
                + " clients keep their server, as something of their session lives there"
                + " (SHOW PINS); their transactions are held");
  }

  private boolean stillPaused(Optional<String> database) {
    return database.map(fleet.holds::paused).orElseGet(fleet.holds::paused);
  }

  private static int kept(EventLoop loop, Optional<String> database) {
    return (int)
        loop.clients().stream()
            .filter(client -> client.pool != null && in(database).test(client.pool))
            .filter(client -> client.server() != null)
            .count();
  }

  /** Clients in the midst of a transaction. */
  private int running(Optional<String> database) {
    return ask(loop ->
            (int)
                loop.clients().stream()
                    .filter(client -> client.pool != null && in(database).test(client.pool))
                    .filter(client -> client.seen.running())
                    .count())
        .stream()
        .mapToInt(Integer::intValue)
        .sum();
  }

  private Optional<String> resume(Optional<String> database) throws AdminRefusal {
    Holds holds = fleet.holds;
    if (database.isPresent()) {
      if (!holds.paused(database.get(), false)) {
        throw new AdminRefusal("55000", "database " + database.get() + " is not paused");
      }
    } else {
      if (!holds.paused() && !holds.suspended() && holds.pausedDatabases().isEmpty()) {
        throw new AdminRefusal("55000", "pooler is not paused/suspended");
      }
      holds.paused(false);
      holds.suspended(false);
      holds.pausedDatabases().forEach(name -> holds.paused(name, false));
    }
    ask(loop -> {
      loop.topologyChanged();
      for (ClientLink client : List.copyOf(loop.clients())) {
        client.readAsAllowed();
        client.proceed();
      }
      return true;
    });
    return Optional.empty();
  }

  /** Clients and servers go at once; new clients wait for RESUME. */
  private Optional<String> kill(Optional<String> database) {
    if (database.isPresent()) {
      fleet.holds.paused(database.get(), true);
    } else {
      fleet.holds.paused(true);
    }
    ask(loop -> {
      for (ClientLink client : List.copyOf(loop.clients())) {
        if (client.pool != null && in(database).test(client.pool)) {
          client.seen.kill("the administrator killed all connections to the database");
        }
      }
      return true;
    });
    each(database, Pool::closeAll);
    return Optional.empty();
  }

  private Optional<String> killClient(long id) throws AdminRefusal {
    boolean found =
        ask(
                loop -> {
                  Optional<ClientLink> client = client(loop, id);
                  client.ifPresent(
                      one -> one.seen.kill("the administrator killed this connection"));
                  return client.isPresent();
                })
            .contains(true);
    if (!found) {
      throw new AdminRefusal(SqlState.UNDEFINED_OBJECT, "client not found: " + id);
    }
    return Optional.empty();
  }

  private static Optional<ClientLink> client(EventLoop loop, long id) {
    return loop.clients().stream().filter(client -> client.seen.id == id).findFirst();
  }

  private Optional<String> suspend(BooleanSupplier wanted)
      throws AdminRefusal, InterruptedException {
    if (fleet.holds.paused() || fleet.holds.suspended()) {
      throw new AdminRefusal("55000", "already suspended/paused");
    }
    fleet.holds.suspended(true);
    ask(loop -> {
      loop.clients().forEach(ClientLink::readAsAllowed);
      return true;
    });
    until(
        wanted,
        () ->
            !fleet.holds.suspended()
                || ask(loop -> loop.clients().stream().allMatch(client -> client.seen.settled()))
                    .stream()
                    .allMatch(settled -> settled));
    return Optional.empty();
  }

  private Optional<String> shutDown(String when, BooleanSupplier wanted)
      throws AdminRefusal, InterruptedException {
    if (!when.isEmpty()) {
      whole.acceptNoMore();
    }
    switch (when) {
      case "WAIT_FOR_SERVERS" -> {
        if (!fleet.holds.paused()) {
          pause(Optional.empty(), wanted);
        }
      }
      case "WAIT_FOR_CLIENTS" ->
          until(
              wanted,
              () ->
                  ask(loop -> loop.clients().stream().allMatch(client -> client.admin != null))
                      .stream()
                      .allMatch(left -> left));
      default -> {
        // at once
      }
    }
    if (wanted.getAsBoolean()) {
      Thread.ofPlatform().name("gateway-end").start(whole::end);
    }
    return Optional.empty();
  }

  @Override
  public void set(String key, String value) throws AdminRefusal {
    whole.set(key, value);
  }

  @Override
  public void trace(AdminCommand.TraceClient wish) throws AdminRefusal {
    boolean found =
        ask(
                loop -> {
                  Optional<ClientLink> client = client(loop, wish.client());
                  client.ifPresent(one ->
                      one.seen.trace(
                          wish.every() == 0
                              ? null
                              : new Trace(wish.every(), loop.now() + wish.length().toNanos())));
                  return client.isPresent();
                })
            .contains(true);
    if (!found) {
      throw new AdminRefusal(
          SqlState.UNDEFINED_OBJECT, "client not found: " + wish.client() + "; see SHOW CLIENTS");
    }
  }
}
