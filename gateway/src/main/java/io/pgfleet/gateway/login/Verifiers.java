package io.pgfleet.gateway.login;

import io.pgfleet.wire.scram.ScramServer;
import io.pgfleet.wire.scram.ScramVerifier;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The verifiers of users, asked of the primary one at a time on a thread of its own and kept for a
 * while. While the primary is away, askers wait; their logins have bounds of their own. Safe from
 * any thread.
 */
public final class Verifiers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Verifiers.class);
  private static final int CAPACITY = 10_000;
  private static final Duration RETRY = Duration.ofMillis(100);

  /** Opens connections to the primary of now. */
  public interface Door {
    /**
     * Opens a connection.
     *
     * @throws IOException if there is no primary or it can't be reached; said to nobody but a log
     */
    Question open() throws IOException;
  }

  /** A connection that answers for verifiers. */
  public interface Question extends AutoCloseable {
    /**
     * What is known of a user.
     *
     * @param md5 whether a hash by MD5 is of use
     * @throws IOException if the connection is of no more use
     */
    Account ask(String user, boolean md5) throws IOException;

    /** Whether it leads to the primary of now. */
    boolean current();

    @Override
    void close();
  }

  private record Known(Account account, long at) {}

  private final Door door;
  private final BooleanSupplier md5;
  private final long maxAge;
  private final LongSupplier ticker;
  private final byte[] mockSecret = new byte[32];
  private final Map<String, Known> known = new HashMap<>();
  private final Map<String, List<Consumer<Account>>> asked = new HashMap<>();
  private final LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private String lastTrouble = "";
  private boolean asking;
  private volatile boolean closed;

  /**
   * @param md5 whether hashes by MD5 are of use now
   * @param maxAge after which a verifier is asked for again
   * @param ticker nanoseconds of a clock that only grows
   */
  public Verifiers(Door door, BooleanSupplier md5, Duration maxAge, LongSupplier ticker) {
    this.door = door;
    this.md5 = md5;
    this.maxAge = maxAge.toNanos();
    this.ticker = ticker;
    new SecureRandom().nextBytes(mockSecret);
    this.thread = Thread.ofVirtual().name("gateway-verifiers").unstarted(this::run);
  }

  /** Begins to answer. */
  public void start() {
    thread.start();
  }

  /** What to answer a user that does not exist with; the same at each try. */
  public ScramVerifier mock(String user, int iterations) {
    return ScramServer.mock(mockSecret, user, iterations);
  }

  /** Finds what is known of a user and gives it to the asker, at once or from another thread. */
  public void find(String user, Consumer<Account> asker) {
    Known fresh;
    synchronized (known) {
      Known kept = known.get(user);
      fresh = kept != null && ticker.getAsLong() - kept.at() < maxAge ? kept : null;
      if (fresh == null) {
        List<Consumer<Account>> askers = asked.get(user);
        if (askers == null) {
          askers = new ArrayList<>();
          asked.put(user, askers);
          queue.add(user);
        }
        askers.add(asker);
      }
    }
    if (fresh != null) {
      asker.accept(fresh.account());
    }
  }

  /** Forgets all: what is asked for has changed. */
  public void forget() {
    synchronized (known) {
      known.clear();
    }
  }

  /** A login failed: the password may have been changed, so the next one asks again. */
  public void doubt(String user) {
    synchronized (known) {
      known.remove(user);
    }
  }

  /**
   * The primary is another, or there is none: an answer that is waited for may never come, since
   * its host may be gone. Who asks is asked for again.
   */
  public void primaryMoved() {
    synchronized (queue) {
      if (asking) {
        // of a virtual thread: it ends what the thread does on a socket
        thread.interrupt();
      }
    }
  }

  private void asking(boolean on) {
    synchronized (queue) {
      asking = on;
      if (!on && Thread.interrupted()) {
        LOG.debug("no answer is waited for from a former primary");
      }
    }
  }

  private void run() {
    Question question = null;
    while (!closed) {
      try {
        String user = queue.take();
        while (!closed) {
          question = tryToAnswer(user, question);
          if (question != null) {
            break;
          }
          Thread.sleep(RETRY);
        }
      } catch (InterruptedException e) {
        break;
      }
    }
    if (question != null) {
      question.close();
    }
  }

  /** Answers, or gives null: the connection is gone and nobody was answered. */
  private @Nullable Question tryToAnswer(String user, @Nullable Question open) {
    Question question = open;
    try {
      if (question != null && !question.current()) {
        question.close();
        question = null;
      }
      Account account;
      asking(true);
      try {
        if (question == null) {
          question = door.open();
        }
        account = question.ask(user, md5.getAsBoolean());
      } finally {
        asking(false);
      }
      answered(user, account);
      return question;
    } catch (IOException e) {
      complain(String.valueOf(e.getMessage()));
      if (question != null) {
        question.close();
      }
      return null;
    }
  }

  /** Says the same thing once. */
  private void complain(String trouble) {
    if (!trouble.equals(lastTrouble)) {
      lastTrouble = trouble;
      LOG.warn("Can't look up the verifiers of users: {}. Logins wait.", trouble);
    }
  }

  private void answered(String user, Account account) {
    lastTrouble = "";
    List<Consumer<Account>> askers;
    synchronized (known) {
      if (known.size() >= CAPACITY) {
        known.clear();
      }
      known.put(user, new Known(account, ticker.getAsLong()));
      askers = asked.remove(user);
    }
    if (askers != null) {
      askers.forEach(asker -> asker.accept(account));
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
