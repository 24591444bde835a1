package io.pgfleet.cli.up;

import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.Watch;
import io.pgfleet.consensus.group.ArchiveRecords;
import io.pgfleet.consensus.group.GatewayRecords;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.spec.GroupName;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the agreed state of a group for a gateway and the status, over as many sessions as it
 * takes.
 */
final class GroupObserver implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GroupObserver.class);
  private static final long SESSION_CHECK_MILLIS = 500;
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private final Supplier<Agreement> agreements;
  private final GroupName group;
  private final Optional<AgreedTopology> topology;
  private final Consumer<Agreement> first;
  private final Thread thread;
  private volatile @Nullable GroupStore store;
  private volatile @Nullable GatewayRecords gateways;
  private volatile @Nullable ArchiveRecords archives;
  private volatile boolean closed;

  GroupObserver(Supplier<Agreement> agreements, GroupName group, AgreedTopology topology) {
    this(agreements, group, topology, _ -> {});
  }

  /** One that looks only when it is asked. */
  static GroupObserver onRequest(Supplier<Agreement> agreements, GroupName group) {
    return new GroupObserver(agreements, group, Optional.empty(), _ -> {});
  }

  /** An observer; {@code first} hears of each change before the topology does. */
  GroupObserver(
      Supplier<Agreement> agreements,
      GroupName group,
      AgreedTopology topology,
      Consumer<Agreement> first) {
    this(agreements, group, Optional.of(topology), first);
  }

  private GroupObserver(
      Supplier<Agreement> agreements,
      GroupName group,
      Optional<AgreedTopology> topology,
      Consumer<Agreement> first) {
    this.first = first;
    this.agreements = agreements;
    this.group = group;
    this.topology = topology;
    this.thread = Thread.ofPlatform().daemon().name("group-observer").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!closed) {
      try (Agreement agreement = agreements.get()) {
        GroupStore current = new GroupStore(agreement, group);
        store = current;
        gateways = new GatewayRecords(agreement, group);
        archives = new ArchiveRecords(agreement, group);
        if (topology.isPresent()) {
          try (Watch _ = current.watch(() -> refresh(agreement, current, topology.get()))) {
            awaitEnd(agreement);
          }
        } else {
          awaitEnd(agreement);
        }
      } catch (AgreementException e) {
        log.debug("the agreed state can't be reached", e);
        pause();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void awaitEnd(Agreement agreement) throws InterruptedException {
    while (!closed && !agreement.session().lost()) {
      Thread.sleep(SESSION_CHECK_MILLIS);
    }
  }

  private void refresh(Agreement agreement, GroupStore current, AgreedTopology topology) {
    first.accept(agreement);
    topology.refresh(current);
  }

  private void pause() {
    try {
      Thread.sleep(SESSION_CHECK_MILLIS);
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  /** What is agreed on now, if it can be read. */
  Optional<GroupView> view() {
    GroupStore current = store;
    if (current == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(current.view());
    } catch (AgreementException e) {
      return Optional.empty();
    }
  }

  /** The gateways in processes of their own. */
  Optional<GatewayRecords> gateways() {
    return Optional.ofNullable(gateways);
  }

  /** How far the group's repositories are. */
  Optional<ArchiveRecords> archives() {
    return Optional.ofNullable(archives);
  }

  /** The group's records, for a command that changes them. */
  Optional<GroupStore> store() {
    return Optional.ofNullable(store);
  }

  /** Ends the session with it, so that what was said in it is gone at once. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(LAST_WORDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
