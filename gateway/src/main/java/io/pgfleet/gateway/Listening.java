package io.pgfleet.gateway;

import io.pgfleet.gateway.listen.ClientChannels;
import io.pgfleet.gateway.listen.ClientChannels.Subscription;
import io.pgfleet.gateway.listen.ListenText;
import io.pgfleet.gateway.listen.ListenText.Action;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A client's LISTEN through the shared listener of its database and user. There is one only for
 * clients that have listened, and only on the client's loop.
 */
final class Listening {
  /** Whether a text may be sent to a server with the shared listener in its place. */
  enum Verdict {
    READY,
    /** The listener has not yet said that it listens. */
    WAIT,
    /** The listener can't: the client's own server must listen. */
    UNFIT
  }

  /** Notifications kept for a client that does not take them. */
  private static final long CAPACITY = 1 << 20;

  /** How long a LISTEN waits for the shared listener before it pins the client instead. */
  private static final long PATIENCE = 5_000_000_000L;

  private final EventLoop loop;
  private final ClientLink client;
  private final Pool pool;
  final ClientChannels channels = new ClientChannels(CAPACITY);
  private boolean missed;

  Listening(EventLoop loop, ClientLink client, Pool pool) {
    this.loop = loop;
    this.client = client;
    this.pool = pool;
  }

  /** What a text asks of channels, if that is all it does. */
  static Optional<ListenText> read(ByteBuffer source, int from, int to) {
    return ListenText.parse(source, from, to);
  }

  /** Sees to it that the shared listener listens to all the text asks for. */
  Verdict verdict(ListenText text) {
    Verdict verdict = Verdict.READY;
    for (Action action : text.actions()) {
      if (action instanceof Action.Listen listen) {
        Subscription known = channels.subscription(listen.channel());
        if (known == null) {
          subscribe(listen);
          verdict = Verdict.WAIT;
        } else if (known == Subscription.ASKED) {
          verdict = Verdict.WAIT;
        } else if (known == Subscription.REFUSED) {
          return Verdict.UNFIT;
        }
      }
    }
    return verdict;
  }

  private void subscribe(Action.Listen listen) {
    String channel = listen.channel();
    channels.subscription(channel, Subscription.ASKED);
    pool.loop.fleet.listener(pool.key()).subscribe(client, channel, listen.written(), pool.keys());
    loop.later(PATIENCE, () -> answered(channel, false));
  }

  /** The shared listener listens, or can't. */
  void answered(String channel, boolean listening) {
    if (channels.subscription(channel) == Subscription.ASKED) {
      if (!listening) {
        pool.loop.fleet.listener(pool.key()).unsubscribe(client, channel);
      }
      channels.subscription(channel, listening ? Subscription.LISTENING : Subscription.REFUSED);
      client.resumed();
    }
  }

  /** ReadyForQuery: some actions count now, others never will. */
  void ready(int segment, boolean inTransaction) {
    channels.ready(segment, inTransaction);
    giveUpSurplus();
  }

  private void giveUpSurplus() {
    for (String channel : channels.surplus()) {
      pool.loop.fleet.listener(pool.key()).unsubscribe(client, channel);
    }
  }

  /** The server and its transaction are lost. */
  void serverLost() {
    channels.lost();
    giveUpSurplus();
  }

  /** DISCARD ALL. */
  void discarded() {
    channels.clear();
    giveUpSurplus();
  }

  /** The client is gone. */
  void close() {
    for (String channel : channels.subscribed()) {
      pool.loop.fleet.listener(pool.key()).unsubscribe(client, channel);
    }
  }

  /** A notification; false if too many wait. */
  boolean notified(String channel, byte[] message) {
    return channels.offer(channel, message);
  }

  /** The listener was away for a while. */
  void missed() {
    missed = true;
  }

  boolean hasQueued() {
    return missed || channels.hasQueued();
  }

  /** The next message to tell the client while it is idle. */
  byte @Nullable [] next() {
    if (missed) {
      missed = false;
      if (!channels.channels().isEmpty()) {
        return Reports.notificationsMissed();
      }
    }
    return channels.next();
  }
}
