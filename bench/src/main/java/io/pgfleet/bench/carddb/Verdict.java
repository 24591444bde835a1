package io.pgfleet.bench.carddb;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a run has shown.
 *
 * @param acknowledged writes
 * @param missing of those, which the database does not have
 * @param settledLate writes that are there though every answer was lost or an error
 * @param strangers writes of this run in the database that no client began
 * @param coinsDrift what the users' coins have changed by in all
 * @param copiesDrift copies in collections that no operation accounts for, or the other way around
 * @param errors answers that were an error, or none
 * @param errorReasons how often each
 * @param longestGap without an acknowledged write
 */
public record Verdict(
    long acknowledged,
    long missing,
    long settledLate,
    long strangers,
    long coinsDrift,
    long copiesDrift,
    long errors,
    Map<String, Long> errorReasons,
    Duration longestGap,
    List<ClientReport> clients) {
  private static final double MILLIS = 1000.0;

  public Verdict {
    errorReasons = Map.copyOf(errorReasons);
    clients = List.copyOf(clients);
  }

  /** Whether everything that was promised was kept. */
  public boolean kept() {
    return missing == 0 && strangers == 0 && coinsDrift == 0 && copiesDrift == 0;
  }

  /** Clients that lost their connection. */
  public long reconnected() {
    return clients.stream().filter(client -> client.reconnects() > 0).count();
  }

  /** Operations that were asked for a second time. */
  public long retried() {
    return clients.stream().mapToLong(ClientReport::retried).sum();
  }

  /** Operations that failed the second time, too. */
  public long givenUp() {
    return clients.stream().mapToLong(ClientReport::givenUp).sum();
  }

  /** For a person to read. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        missing == 0
            ? count(acknowledged, "acknowledged write") + ", all present exactly once"
            : missing + " of " + count(acknowledged, "acknowledged write") + " MISSING");
    if (settledLate > 0) {
      lines.add(count(settledLate, "write") + " came through though no client was told (allowed)");
    }
    if (strangers > 0) {
      lines.add(count(strangers, "write") + " of this run that NO CLIENT BEGAN");
    }
    lines.add(
        coinsDrift == 0 && copiesDrift == 0
            ? "totals conserved: coins and copies of cards"
            : "totals NOT CONSERVED: coins off by "
                + coinsDrift
                + ", copies of cards off by "
                + copiesDrift);
    lines.add(
        String.format(
            Locale.ROOT,
            "longest time without an acknowledged write: %.2f s",
            longestGap.toMillis() / MILLIS));
    lines.add(
        reconnected()
            + " of "
            + count(clients.size(), "client")
            + " had to reconnect; "
            + count(errors, "error")
            + ", "
            + count(retried(), "operation")
            + " retried, "
            + givenUp()
            + " failed again");
    errorReasons.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .forEach(entry -> lines.add("  " + entry.getValue() + " x " + entry.getKey()));
    lines.add(kept() ? "verdict: every promise was kept" : "verdict: PROMISES WERE BROKEN");
    return lines;
  }

  private static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
