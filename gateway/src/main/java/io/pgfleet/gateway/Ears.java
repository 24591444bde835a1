package io.pgfleet.gateway;

import io.pgfleet.gateway.listen.ClientChannels;
import org.jspecify.annotations.Nullable;

/** What a client hears of the shared listener, and when: only while it is idle. */
final class Ears {
  private final EventLoop loop;
  private final ClientLink client;
  private @Nullable Listening listening;

  Ears(EventLoop loop, ClientLink client) {
    this.loop = loop;
    this.client = client;
  }

  /** What the client listens to through the shared listener; null if it never did. */
  @Nullable Listening listening() {
    return listening;
  }

  /** Its channels; null if it never listened. */
  @Nullable ClientChannels channels() {
    Listening open = listening;
    return open == null ? null : open.channels;
  }

  /** What a client that begins to listen has; null if its own server has to listen. */
  @Nullable Listening open() {
    Pool pool = client.pool;
    if (pool == null || client.session.hearsServer()) {
      return null;
    }
    Listening open = listening;
    if (open == null) {
      open = new Listening(loop, client, pool);
      listening = open;
    }
    return open;
  }

  /** The shared listener listens to a channel, or can't. */
  void answered(String channel, boolean done) {
    Listening open = listening;
    if (open != null && !client.closed) {
      open.answered(channel, done);
    }
  }

  /** A notification of the shared listener. */
  void notified(String channel, byte[] message) {
    Listening open = listening;
    if (open == null || !client.open()) {
      return;
    }
    if (!open.notified(channel, message)) {
      client.fatal(Reports.tooManyNotifications());
      loop.defer(client::close);
      return;
    }
    deliver();
  }

  /** The shared listener was away for a while. */
  void missed() {
    Listening open = listening;
    if (open != null && client.open()) {
      open.missed();
      deliver();
    }
  }

  /** Delivers once the bytes at hand are dealt with. */
  void deliverSoon() {
    if (listening != null) {
      loop.defer(this::deliver);
    }
  }

  /** Tells notifications, if the client is idle and takes them. */
  void deliver() {
    Listening open = listening;
    if (open == null || !client.open() || !client.isIdle()) {
      return;
    }
    while (client.outbox().isEmpty()) {
      byte[] message = open.next();
      if (message == null) {
        return;
      }
      client.send(message);
    }
  }

  /** ReadyForQuery for a part of the pipeline. */
  void ready(int segment, boolean inTransaction) {
    Listening open = listening;
    if (open != null) {
      open.ready(segment, inTransaction);
      deliverSoon();
    }
  }

  /** The server and its transaction are lost. */
  void serverLost() {
    Listening open = listening;
    if (open != null) {
      open.serverLost();
    }
  }

  /** DISCARD ALL. */
  void discarded() {
    Listening open = listening;
    if (open != null) {
      open.discarded();
    }
  }

  /** The client is gone. */
  void close() {
    Listening open = listening;
    if (open != null) {
      open.close();
      listening = null;
    }
  }
}
