package io.pgfleet.wire.client;

import io.pgfleet.wire.Protocol.Backend;
import io.pgfleet.wire.Protocol.TransactionStatus;
import io.pgfleet.wire.ServerReport;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What the server said of the connection itself: messages that may come at any time. */
final class Session {
  /** Notifications nobody fetches must not fill the memory; the oldest go first. */
  private static final int MAX_NOTIFICATIONS = 10_000;

  private final Map<String, String> parameters = new ConcurrentHashMap<>();
  private final List<Notification> notifications = new ArrayList<>();
  private volatile TransactionState state = TransactionState.IDLE;
  private volatile @Nullable BackendKey key;

  /** The process and the secret of BackendKeyData. */
  record BackendKey(int processId, byte[] secret) {}

  /** Takes a message if it is one of those, and says whether it was. */
  boolean accept(byte type, Body body, ResultListener listener) throws IOException {
    switch (type) {
      case Backend.PARAMETER_STATUS -> {
        String name = body.text();
        parameters.put(name, body.text());
      }
      case Backend.NOTICE_RESPONSE -> {
        ServerReport report = body.report();
        listener.notice(report);
      }
      case Backend.NOTIFICATION_RESPONSE -> keep(body);
      default -> {
        return false;
      }
    }
    return true;
  }

  private void keep(Body body) throws ProtocolException {
    int processId = body.int32();
    String channel = body.text();
    synchronized (notifications) {
      if (notifications.size() >= MAX_NOTIFICATIONS) {
        notifications.removeFirst();
      }
      notifications.add(new Notification(processId, channel, body.text()));
    }
  }

  void key(Body body) {
    int processId = body.remaining().remaining() < Integer.BYTES ? 0 : body.remaining().getInt();
    key = new BackendKey(processId, body.rest());
  }

  @Nullable BackendKey key() {
    return key;
  }

  void ready(Body body) throws ProtocolException {
    state =
        switch (body.int8()) {
          case TransactionStatus.IDLE -> TransactionState.IDLE;
          case TransactionStatus.IN_TRANSACTION -> TransactionState.IN_TRANSACTION;
          case TransactionStatus.FAILED -> TransactionState.FAILED;
          default -> throw body.malformed();
        };
    body.end();
  }

  TransactionState state() {
    return state;
  }

  Map<String, String> parameters() {
    return Map.copyOf(parameters);
  }

  List<Notification> takeNotifications() {
    synchronized (notifications) {
      List<Notification> taken = List.copyOf(notifications);
      notifications.clear();
      return taken;
    }
  }
}
