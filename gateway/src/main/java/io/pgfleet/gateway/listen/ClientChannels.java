package io.pgfleet.gateway.listen;

import io.pgfleet.gateway.listen.ListenText.Action;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The channels one client listens to without a server of its own (PostgreSQL manual, 'LISTEN').
 *
 * <p>A LISTEN goes to the server as a statement that does nothing, and only once the shared
 * listener listens; so the server decides whether it may run and when it counts:
 *
 * <table>
 * <caption>An action's way</caption>
 * <tr><th>state</th><th>left by</th></tr>
 * <tr><td>sent</td><td>its CommandComplete; an error or ReadyForQuery of its part of the pipeline
 *     drops it</td></tr>
 * <tr><td>pending</td><td>the end of its transaction: commit makes it count, rollback drops it</td>
 * </tr>
 * </table>
 *
 * <p>Notifications that come before the client may have them wait here, up to a bound.
 */
public final class ClientChannels {
  /** Whether the shared listener listens to a channel for this client. */
  public enum Subscription {
    ASKED,
    LISTENING,
    REFUSED
  }

  private record Sent(Action action, int segment) {}

  private record Notification(String channel, byte[] message) {
    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  /** What a waiting notification costs besides its bytes. */
  private static final int OVERHEAD = 100;

  private final long capacity;
  private final Map<String, Subscription> subscriptions = new HashMap<>(4);
  private final ArrayDeque<Sent> sent = new ArrayDeque<>(2);
  private final List<Action> pending = new ArrayList<>(2);
  private final ArrayDeque<Notification> queue = new ArrayDeque<>(2);
  private Set<String> channels = new HashSet<>(4);
  private long queued;
  private boolean rolledBack;
  private boolean failed;

  /**
   * @param capacity bytes of notifications that may wait
   */
  public ClientChannels(long capacity) {
    this.capacity = capacity;
  }

  /** What is known of a subscription; null if there is none. */
  public @Nullable Subscription subscription(String channel) {
    return subscriptions.get(channel);
  }

  /** A subscription was asked for, or answered. */
  public void subscription(String channel, Subscription now) {
    subscriptions.put(channel, now);
  }

  /** The channels subscribed to, needed or not. */
  public Set<String> subscribed() {
    Set<String> all = new HashSet<>(subscriptions.keySet());
    all.removeIf(channel -> subscriptions.get(channel) == Subscription.REFUSED);
    return all;
  }

  /** The channels that count now. */
  public Set<String> channels() {
    return Set.copyOf(channels);
  }

  /** Nothing is left to remember. */
  public boolean isEmpty() {
    return channels.isEmpty() && sent.isEmpty() && pending.isEmpty() && subscriptions.isEmpty();
  }

  /** A text is sent in a part of the client's pipeline. */
  public void sends(ListenText text, int segment) {
    for (Action action : text.actions()) {
      sent.add(new Sent(action, segment));
    }
  }

  /** CommandComplete tags have to be read. */
  public boolean watches() {
    return !sent.isEmpty() || !pending.isEmpty();
  }

  /** A statement ended; gives the tag that the client is to see. */
  public String completed(String tag) {
    switch (tag) {
      case "UNLISTEN" -> {
        Sent done = sent.poll();
        if (done != null) {
          pending.add(done.action());
          return done.action() instanceof Action.Listen ? "LISTEN" : tag;
        }
      }
      case "COMMIT" -> commit();
      case "ROLLBACK" -> rolledBack = true;
      default -> {
        // of no meaning for channels
      }
    }
    return tag;
  }

  /** An error: what was sent in this part of the pipeline is skipped. */
  public void failed(int segment) {
    failed = true;
    sent.removeIf(action -> action.segment() == segment);
  }

  /** ReadyForQuery for a part of the pipeline. */
  public void ready(int segment, boolean inTransaction) {
    sent.removeIf(action -> action.segment() <= segment);
    if (!inTransaction) {
      if (failed || rolledBack) {
        pending.clear();
      } else {
        commit();
      }
    }
    failed = false;
    rolledBack = false;
  }

  private void commit() {
    for (Action action : pending) {
      switch (action) {
        case Action.Listen listen -> channels.add(listen.channel());
        case Action.Unlisten unlisten -> channels.remove(unlisten.channel());
        case Action.UnlistenAll() -> channels.clear();
      }
    }
    pending.clear();
  }

  /** The server is lost, and its transaction with it. */
  public void lost() {
    sent.clear();
    pending.clear();
    failed = false;
    rolledBack = false;
  }

  /** DISCARD ALL. */
  public void clear() {
    lost();
    channels = new HashSet<>(4);
  }

  /** Gives up the subscriptions that nothing needs any more. */
  public List<String> surplus() {
    List<String> given = new ArrayList<>();
    Iterator<Map.Entry<String, Subscription>> all = subscriptions.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<String, Subscription> entry = all.next();
      if (!needs(entry.getKey())) {
        if (entry.getValue() != Subscription.REFUSED) {
          given.add(entry.getKey());
        }
        all.remove();
      }
    }
    return given;
  }

  private boolean needs(String channel) {
    return channels.contains(channel)
        || pending.stream().anyMatch(action -> isListen(action, channel))
        || sent.stream().anyMatch(action -> isListen(action.action(), channel));
  }

  private static boolean isListen(Action action, String channel) {
    return action instanceof Action.Listen listen && listen.channel().equals(channel);
  }

  /** A notification came; false if it and those before are more than may wait. */
  public boolean offer(String channel, byte[] message) {
    queued += message.length + OVERHEAD;
    queue.add(new Notification(channel, message));
    return queued <= capacity;
  }

  /** Something waits to be delivered. */
  public boolean hasQueued() {
    return !queue.isEmpty();
  }

  /** The next message for the client, outside of a transaction; null if there is none. */
  public byte @Nullable [] next() {
    while (true) {
      Notification first = queue.poll();
      if (first == null) {
        return null;
      }
      queued -= first.message().length + OVERHEAD;
      if (channels.contains(first.channel())) {
        return first.message();
      }
    }
  }

  /** The channel of a NotificationResponse: after the process id, up to a zero. */
  public static String channelOf(byte[] message) {
    int start = 9;
    int end = start;
    while (end < message.length && message[end] != 0) {
      end++;
    }
    return new String(message, start, end - start, StandardCharsets.UTF_8);
  }
}
