package io.pgfleet.gateway;

import io.pgfleet.gateway.login.Credentials;
import io.pgfleet.wire.ServerReport;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A client between the proof of its password and its first request: its pool and parameters. */
final class ClientEntry {
  private static final long RETRY = 20_000_000L;

  private final EventLoop loop;
  private final ClientLink client;
  private final ClientLogin login;
  private RequestedParameters requested = new RequestedParameters(Map.of());

  ClientEntry(EventLoop loop, ClientLink client, ClientLogin login) {
    this.loop = loop;
    this.client = client;
    this.login = login;
  }

  /** The password was right. */
  void proven(Credentials keys) {
    Map<String, String> startup = new HashMap<>(login.parameters());
    String named = startup.getOrDefault("database", startup.getOrDefault("user", ""));
    Set<String> databases = loop.fleet.reads.catalogs().databases();
    DatabaseAlias alias = DatabaseAlias.of(named, Optional.ofNullable(databases)).orElse(null);
    if (alias == null) {
      loop.later(RETRY, () -> provenIfOpen(keys));
      return;
    }
    if (loop.fleet.holds.disabled(alias.database())) {
      client.fatal(Reports.disabled(alias.database()));
      return;
    }
    ServerReport refusal = CommitGuard.refusesStart(loop.fleet.settings.commits(), startup);
    if (refusal != null) {
      client.fatal(refusal);
      return;
    }
    startup.put("database", alias.database());
    client.reads.named(alias.side());
    Pool joined = loop.pool(PoolKey.of(startup));
    client.pool = joined;
    joined.learn(keys);
    joined.joined();
    client.limits = joined.limits();
    requested = RequestedParameters.of(startup);
    SessionParameters form = joined.loginForms.find(requested.formKey());
    if (form != null) {
      client.welcome(loop.canonical(requested.named(form)));
    } else {
      client.attach(joined);
    }
  }

  private void provenIfOpen(Credentials keys) {
    if (client.open()) {
      proven(keys);
    }
  }

  /** The parameters of the start-up packet that are tracked. */
  Map<String, String> requested() {
    return requested.values();
  }

  /** What their canonical forms depend on. */
  Map<String, String> formKey() {
    return requested.formKey();
  }
}
