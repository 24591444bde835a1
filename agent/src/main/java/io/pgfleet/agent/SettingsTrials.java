package io.pgfleet.agent;

import io.pgfleet.consensus.ConflictException;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.SettingsTrial;
import io.pgfleet.consensus.group.SettingsTrial.Verdict;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has PostgreSQL look at settings that an operator, perhaps of another host, would like to use: the
 * programs that can tell are where a server is.
 */
final class SettingsTrials {
  private static final Logger log = LoggerFactory.getLogger(SettingsTrials.class);

  private final NodeServer server;

  SettingsTrials(NodeServer server) {
    this.server = server;
  }

  /** Answers a question that has no answer yet; to be called while this node leads. */
  void round(GroupStore store) {
    Optional<Versioned<SettingsTrial>> open =
        store.operations().trial().filter(question -> question.value().verdict().isEmpty());
    if (open.isEmpty()) {
      return;
    }
    Verdict verdict =
        server
            .refusal(open.get().value().values())
            .map(refusal -> new Verdict(false, refusal.why(), refusal.remedy()))
            .orElseGet(() -> new Verdict(true, "", ""));
    try {
      store.operations().judge(open.get(), verdict);
    } catch (ConflictException e) {
      log.debug("another question was asked meanwhile", e);
    }
  }
}
