package io.pgfleet.cli.up;

import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.group.GatewayMember;
import io.pgfleet.consensus.group.GatewayRecords;
import io.pgfleet.consensus.group.Hold;
import io.pgfleet.gateway.Gateway;
import io.pgfleet.spec.GroupName;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A gateway of a process of its own, as the fleet knows it: says that it is there, holds its
 * clients when asked to, and says when their transactions have ended. Where the agreed state can't
 * be read it holds nobody: a hold is a courtesy, and correctness does not rest on it.
 */
final class HeldGateway implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HeldGateway.class);

  private final GroupName group;
  private final GatewayMember member;
  private final Gateway gateway;
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("hold").factory());
  private Optional<Hold> followed = Optional.empty();
  private OptionalLong announcedIn = OptionalLong.empty();

  HeldGateway(GroupName group, GatewayMember member, Gateway gateway) {
    this.group = group;
    this.member = member;
    this.gateway = gateway;
  }

  /**
   * Looks again; called after every change of the agreed state, on one thread. It says that it is
   * there before it returns, so that whoever lists the gateways knows of it before it knows of any
   * server.
   */
  void refresh(Agreement agreement) {
    GatewayRecords records = new GatewayRecords(agreement, group);
    OptionalLong session = OptionalLong.of(agreement.session().id());
    if (!session.equals(announcedIn)) {
      try {
        records.announce(member);
        records.catchUp();
        announcedIn = session;
      } catch (AgreementException e) {
        log.debug("the agreed state can't be reached", e);
      }
    }
    if (!worker.isShutdown()) {
      worker.execute(() -> follow(records));
    }
  }

  private void follow(GatewayRecords records) {
    try {
      Optional<Hold> wanted = records.hold();
      if (wanted.isPresent() && !wanted.equals(followed)) {
        followed = wanted;
        announce(records, member);
        if (gateway.pause()) {
          announce(records, member.drainedFor(wanted.get().id()));
        }
      } else if (wanted.isEmpty()) {
        goOn();
        announce(records, member);
      }
    } catch (AgreementException e) {
      log.debug("the agreed state can't be reached, so nobody is held", e);
      goOn();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void announce(GatewayRecords records, GatewayMember word) {
    if (records.gateways().stream().noneMatch(word::equals)) {
      records.announce(word);
    }
  }

  private void goOn() {
    if (followed.isPresent()) {
      followed = Optional.empty();
      gateway.resume();
    }
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }
}
