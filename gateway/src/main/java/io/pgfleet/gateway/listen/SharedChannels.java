package io.pgfleet.gateway.listen;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one shared listener connection listens to, for whom, and what has to be said to the server
 * next. For one thread.
 *
 * @param <S> who listens
 */
public final class SharedChannels<S> {
  /** What becomes of a subscriber's wish. */
  public interface Answers<S> {
    /** From now on every notification that is committed comes. */
    void listening(S subscriber, String channel);

    /** The server does not take the channel's name. */
    void refused(S subscriber, String channel);

    /** The connection was lost for a while: notifications may be missing. */
    void missed(S subscriber);
  }

  /** Channels in one statement after a loss. */
  private static final int BATCH = 200;

  private static final class Channel<S> {
    final String name;
    final String written;
    final Set<S> subscribers = new LinkedHashSet<>(2);
    boolean listening;
    boolean known;

    Channel(String name, String written) {
      this.name = name;
      this.written = written;
    }
  }

  private final Answers<S> answers;
  private final Map<String, Channel<S>> channels = new LinkedHashMap<>();
  private final ArrayDeque<Channel<S>> fresh = new ArrayDeque<>();
  private final ArrayDeque<Channel<S>> again = new ArrayDeque<>();
  private final ArrayDeque<String> given = new ArrayDeque<>();
  private List<Channel<S>> asked = List.of();
  private boolean interrupted;

  public SharedChannels(Answers<S> answers) {
    this.answers = answers;
  }

  /** Nobody listens to anything. */
  public boolean isEmpty() {
    return channels.isEmpty();
  }

  public int size() {
    return channels.size();
  }

  /** Someone wants to listen; answered at once if that is the case already. */
  public void subscribe(S subscriber, String channel, String written) {
    Channel<S> entry = channels.get(channel);
    if (entry == null) {
      entry = new Channel<>(channel, written);
      channels.put(channel, entry);
      fresh.add(entry);
    }
    entry.subscribers.add(subscriber);
    if (entry.listening) {
      answers.listening(subscriber, channel);
    }
  }

  /** Someone listens no more. */
  public void unsubscribe(S subscriber, String channel) {
    Channel<S> entry = channels.get(channel);
    if (entry == null) {
      return;
    }
    entry.subscribers.remove(subscriber);
    if (entry.subscribers.isEmpty()) {
      channels.remove(channel);
      fresh.remove(entry);
      again.remove(entry);
      given.add(channel);
    }
  }

  /** Those who listen to a channel. */
  public Set<S> subscribers(String channel) {
    Channel<S> entry = channels.get(channel);
    return entry == null ? Set.of() : entry.subscribers;
  }

  /** The next statement for the idle connection; null if there is nothing to say. */
  public @Nullable String next() {
    String dropped = given.poll();
    while (dropped != null && channels.containsKey(dropped)) {
      // wanted again since: the LISTEN to come finds it still there
      dropped = given.poll();
    }
    if (dropped != null) {
      asked = List.of();
      return "UNLISTEN " + quoted(dropped);
    }
    if (!again.isEmpty()) {
      StringBuilder sql = new StringBuilder();
      asked = new ArrayList<>();
      while (!again.isEmpty() && asked.size() < BATCH) {
        Channel<S> entry = again.remove();
        sql.append("LISTEN ").append(quoted(entry.name)).append(';');
        asked.add(entry);
      }
      return sql.toString();
    }
    Channel<S> entry = fresh.poll();
    if (entry == null) {
      return null;
    }
    asked = List.of(entry);
    return "LISTEN " + entry.written;
  }

  private static String quoted(String channel) {
    return '"' + channel.replace("\"", "\"\"") + '"';
  }

  /** The statement of {@link #next} was answered. */
  public void answered(boolean done) {
    List<Channel<S>> batch = asked;
    asked = List.of();
    for (Channel<S> entry : batch) {
      if (done) {
        entry.listening = true;
        entry.known = true;
        for (S subscriber : List.copyOf(entry.subscribers)) {
          answers.listening(subscriber, entry.name);
        }
      } else if (channels.remove(entry.name, entry)) {
        entry.subscribers.forEach(subscriber -> answers.refused(subscriber, entry.name));
      }
    }
    if (interrupted && again.isEmpty()) {
      interrupted = false;
      Set<S> all = new LinkedHashSet<>();
      for (Channel<S> entry : channels.values()) {
        if (entry.known) {
          all.addAll(entry.subscribers);
        }
      }
      all.forEach(answers::missed);
    }
  }

  /** The connection is gone; all has to be said again to the next. */
  public void lost() {
    asked = List.of();
    fresh.clear();
    again.clear();
    given.clear();
    for (Channel<S> entry : channels.values()) {
      interrupted |= entry.known;
      entry.listening = false;
      (entry.known ? again : fresh).add(entry);
    }
  }
}
