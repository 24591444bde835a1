package io.pgfleet.cli.up;

import io.pgfleet.agent.WriteGate;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.group.GatewayMember;
import io.pgfleet.consensus.group.GatewayRecords;
import io.pgfleet.consensus.group.Hold;
import io.pgfleet.gateway.Gateway;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the clients of all gateways of a fleet while the primary moves: of the one in this process
 * by a call, of those in processes of their own by a word in the agreed state, which each answers
 * once its transactions have ended. A gateway that does not answer in time counts as one whose
 * transactions still run, and so does one that vanishes meanwhile, for it may only have lost its
 * session.
 */
final class FleetGate implements WriteGate {
  private static final Logger log = LoggerFactory.getLogger(FleetGate.class);

  /** How long word may take to reach a gateway and come back, beyond the time it drains. */
  private static final Duration WORD = Duration.ofSeconds(2);

  private static final Duration POLL = Duration.ofMillis(5);

  private final Optional<Gateway> own;
  private final Supplier<Optional<GatewayRecords>> records;
  private final Supplier<Duration> patience;
  private @Nullable Hold standing;

  /** A gate; {@code patience} tells how long gateways wait for their transactions. */
  FleetGate(
      Optional<Gateway> own,
      Supplier<Optional<GatewayRecords>> records,
      Supplier<Duration> patience) {
    this.own = own;
    this.records = records;
    this.patience = patience;
  }

  @Override
  public synchronized boolean hold() {
    long end = System.nanoTime() + patience.get().plus(WORD).toNanos();
    Hold hold = new Hold(UUID.randomUUID().toString());
    try {
      Optional<GatewayRecords> reached = records.get();
      List<String> others = List.of();
      if (reached.isPresent()) {
        reached.get().begin(hold);
        standing = hold;
        // A gateway that is not listed yet sees the word before it knows of any server.
        reached.get().catchUp();
        others = reached.get().gateways().stream().map(GatewayMember::id).toList();
      }
      boolean drained = own.isEmpty() || own.get().pause();
      return drained && (reached.isEmpty() || drained(reached.get(), hold, others, end));
    } catch (AgreementException e) {
      log.warn("gateways can't be told to hold: {}", e.getMessage());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static boolean drained(GatewayRecords reached, Hold hold, List<String> all, long end)
      throws InterruptedException {
    while (true) {
      List<String> done =
          reached.gateways().stream()
              .filter(gateway -> gateway.drained().equals(hold.id()))
              .map(GatewayMember::id)
              .toList();
      if (done.containsAll(all)) {
        return true;
      }
      if (System.nanoTime() - end >= 0) {
        log.info(
            "gateways that did not say in time that their transactions have ended: {}",
            all.stream().filter(id -> !done.contains(id)).collect(Collectors.joining(", ")));
        return false;
      }
      Thread.sleep(POLL);
    }
  }

  @Override
  public synchronized void release() {
    own.ifPresent(Gateway::resume);
    Hold hold = standing;
    standing = null;
    if (hold == null) {
      return;
    }
    try {
      records.get().ifPresent(reached -> reached.end(hold));
    } catch (AgreementException e) {
      // The word ends with this process's session, and with the next hold.
      log.warn("gateways can't be told to go on: {}", e.getMessage());
    }
  }
}
