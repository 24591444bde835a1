package io.pgfleet.chaos.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** All clients of the gateway. */
public final class Workload implements AutoCloseable {
  /** How many accounts there are. */
  public static final int ACCOUNTS = 20;

  /** What each holds at first. */
  public static final long OPENING = 10_000;

  private static final int APPENDING = 4;
  private static final int TRANSFERRING = 3;
  private static final int READING = 2;

  private final List<Client> clients = new ArrayList<>();

  /**
   * Sets them to work.
   *
   * @param writer the gateway, for those who write
   * @param reader the gateway, for those who only read
   * @param staleness the oldest state that a read may show
   */
  public Workload(Address writer, Address reader, Duration staleness, Journal journal) {
    for (int i = 1; i <= APPENDING; i++) {
      String name = "append" + i;
      // Half of each protocol; the servers' logs tell the commits of the simple one.
      Address.Protocol protocol = i % 2 == 1 ? Address.Protocol.SIMPLE : Address.Protocol.EXTENDED;
      clients.add(new Client(name, writer, protocol, journal, new Appending(name, journal)));
    }
    for (int i = 1; i <= TRANSFERRING; i++) {
      String name = "transfer" + i;
      clients.add(
          new Client(
              name,
              writer,
              Address.Protocol.EXTENDED,
              journal,
              new Transferring(name, journal, ACCOUNTS)));
    }
    for (int i = 1; i <= READING; i++) {
      String name = "read" + i;
      clients.add(
          new Client(
              name,
              reader,
              Address.Protocol.EXTENDED,
              journal,
              new Reading(name, journal, "append" + i, ACCOUNTS * OPENING, staleness)));
    }
  }

  /** Has them end, and waits for the last answers. */
  @Override
  public void close() {
    clients.forEach(Client::end);
    clients.forEach(Client::close);
  }
}
