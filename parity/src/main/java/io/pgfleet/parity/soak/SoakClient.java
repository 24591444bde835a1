package io.pgfleet.parity.soak;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One client. All data of its own carry its mark; a mark of another in anything it receives is a
 * violation, and so is any answer that a server of its own would not have given.
 */
final class SoakClient implements Runnable {
  private static final Pattern MARK = Pattern.compile("<<(\\d+)>>");
  private static final long CANCEL_COUNTS_NANOS = 5_000_000_000L;

  /**
   * What a client may be told when its server is killed: its transaction is lost, it is not known
   * whether the statement took effect, its session is gone.
   */
  private static final Set<String> DISRUPTED = Set.of("40001", "08007", "25P02", "57P01", "08006");

  private final int number;
  private final InetSocketAddress address;
  private final Findings findings;
  private final Random random;
  private final SoakActs acts;
  private volatile boolean stopping;
  private @Nullable RawConnection connection;
  private long cancelledAt = Long.MIN_VALUE / 2;

  /** Rows that were certainly committed, and those that perhaps were. */
  private final Set<String> committed = new HashSet<>();

  private final Set<String> uncertain = new HashSet<>();

  /** Names of statements with the numbers of their versions. */
  final Map<String, Integer> statements = new HashMap<>();

  SoakClient(int number, InetSocketAddress address, Findings findings, long seed) {
    this.number = number;
    this.address = address;
    this.findings = findings;
    this.random = new Random(seed * 31 + number);
    this.acts = new SoakActs(this, random);
  }

  void stop() {
    stopping = true;
  }

  String mark() {
    return "<<" + number + ">>";
  }

  int number() {
    return number;
  }

  Set<String> committed() {
    return committed;
  }

  Set<String> uncertain() {
    return uncertain;
  }

  /** A COMMIT of a row is about to be sent: from now on it may have happened. */
  void commits(String row) {
    uncertain.add(row);
  }

  /** What became of it is known. */
  void committed(String row, boolean really) {
    uncertain.remove(row);
    if (really) {
      committed.add(row);
    }
  }

  @Override
  public void run() {
    try {
      while (!stopping) {
        once();
      }
      leave(random.nextBoolean());
    } catch (IOException e) {
      findings.violation("client " + number + " can't go on: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      findings.violation("client " + number + " failed: " + e);
    }
  }

  private void once() throws IOException, InterruptedException {
    try {
      RawConnection open = connection;
      if (open == null) {
        open = RawConnection.login(address, Soak.USER, mark() + "app");
        connection = open;
        statements.clear();
        acts.connected();
        findings.count("logins");
      }
      if (random.nextInt(40) == 0) {
        acts.breakOff(open);
        leave(false);
        return;
      }
      acts.one(open);
      findings.count("acts");
    } catch (RawConnection.RefusedException e) {
      findings.count("connections ended with " + e.sqlState());
      if (!DISRUPTED.contains(e.sqlState())) {
        findings.violation("client " + number + " was ended with " + e.sqlState());
      }
      leave(false);
    } catch (EOFException | SocketException e) {
      // a value that was cut off by its server's death can't be told otherwise
      findings.count("connections cut");
      leave(false);
    }
  }

  private void leave(boolean politely) throws IOException {
    RawConnection open = connection;
    connection = null;
    if (open != null) {
      if (politely) {
        open.send(Requests.terminate());
      }
      open.abandon(random.nextInt(3) == 0);
    }
  }

  /** A cancel is on its way, so that this client may see it. */
  void cancels() {
    cancelledAt = System.nanoTime();
  }

  /** Checks all that came; false if a server was lost or a cancel hit, so that less can be said. */
  boolean undisturbed(List<Answer> answers, String what) {
    boolean undisturbed = true;
    for (Answer answer : answers) {
      onlyOwn(answer.text(), what);
      if (answer.isError()) {
        String state = answer.text();
        boolean cancelled =
            state.equals("57014") && System.nanoTime() - cancelledAt < CANCEL_COUNTS_NANOS;
        if (cancelled || DISRUPTED.contains(state)) {
          findings.count("answers with " + state);
          undisturbed = false;
        } else if (state.equals("57014") && !answer.message().startsWith("COPY from stdin")) {
          findings.violation(
              "client %d was hit by a cancel that it did not send, in %s: %s"
                  .formatted(number, what, answer.message()));
          undisturbed = false;
        }
      }
    }
    return undisturbed;
  }

  void onlyOwn(String text, String what) {
    Matcher marks = MARK.matcher(text);
    while (marks.find()) {
      if (Integer.parseInt(marks.group(1)) != number) {
        findings.violation(
            "client " + number + " saw what is of client " + marks.group(1) + " by " + what);
      }
    }
  }

  void expect(boolean holds, String what, Object seen) {
    if (!holds) {
      String text = String.valueOf(seen);
      findings.violation(
          "client %d: %s, but saw %s"
              .formatted(number, what, text.substring(0, Math.min(300, text.length()))));
    }
  }

  void count(String what) {
    findings.count(what);
  }
}
