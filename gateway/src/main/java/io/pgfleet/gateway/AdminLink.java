package io.pgfleet.gateway;

import io.pgfleet.gateway.admin.AdminSession;
import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.observe.ObserveSettings;
import io.pgfleet.wire.Protocol.TransactionStatus;
import io.pgfleet.wire.ServerReport;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A client of the admin database: joins its session to its socket. */
final class AdminLink implements AdminSession.Surroundings {
  /** As PgBouncer calls it. No database of the servers may have this name. */
  static final String DATABASE = "pgbouncer";

  private final ClientLink client;
  private final AdminSession session;
  private final ByteArrayOutputStream collected = new ByteArrayOutputStream();

  private AdminLink(ClientLink client, boolean admin) {
    this.client = client;
    this.session = new AdminSession(client.loop.fleet.control(), admin, this);
  }

  static boolean asked(Map<String, String> parameters) {
    return DATABASE.equals(parameters.get("database"));
  }

  /** Lets a client in whose password was right; null if its user may not look. */
  static @Nullable AdminLink enter(ClientLink client, Map<String, String> parameters) {
    String user = parameters.getOrDefault("user", "");
    ObserveSettings allowed = client.loop.fleet.observe();
    boolean admin = allowed.adminUsers().contains(user);
    if (!admin && !allowed.statsUsers().contains(user)) {
      client.fatal(
          ServerReport.of("FATAL", "42501", "user \"" + user + "\" may not use the admin database")
              .with(
                  ServerReport.HINT,
                  "Name the user in admin_users, or in stats_users to let it look only."));
      return null;
    }
    AdminLink link = new AdminLink(client, admin);
    AdminSession.parameters(parameters.getOrDefault("application_name", ""))
        .forEach((name, value) -> link.send(Messages.parameterStatus(name, value)));
    link.send(Messages.backendKey(0, new byte[4]));
    link.send(Messages.ready(TransactionStatus.IDLE));
    link.flush();
    return link;
  }

  void process(ByteBuffer source) throws ProtocolViolation {
    session.process(source);
    flush();
  }

  private void flush() {
    if (collected.size() > 0) {
      client.send(collected.toByteArray());
      collected.reset();
    }
  }

  @Override
  public void send(byte[] message) {
    collected.writeBytes(message);
  }

  @Override
  public void elsewhere(Runnable task) {
    Thread.ofVirtual().name("gateway-admin").start(task);
  }

  @Override
  public void back(Runnable task) {
    client.loop.post(() -> {
      task.run();
      flush();
      client.proceed();
    });
  }

  @Override
  public boolean open() {
    return client.open();
  }

  @Override
  public void leave() {
    flush();
    client.seen.leaves("the client said Terminate");
    client.close();
  }
}
