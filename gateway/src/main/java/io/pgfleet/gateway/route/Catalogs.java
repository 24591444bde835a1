package io.pgfleet.gateway.route;

import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The functions of each database that clients use, read from the primary on a thread of its own and
 * read again every few seconds. Safe from any thread.
 */
public final class Catalogs {
  private static final Logger LOG = LoggerFactory.getLogger(Catalogs.class);
  private static final Duration AGE = Duration.ofSeconds(10);

  /** The newest catalog of one database. */
  public static final class Place {
    private final String database;
    private volatile FunctionCatalog current = FunctionCatalog.UNKNOWN;

    Place(String database) {
      this.database = database;
    }

    /** What is known now; {@link FunctionCatalog#UNKNOWN} at first. */
    public FunctionCatalog current() {
      return current;
    }
  }

  /** Opens a connection to a database of the primary. */
  interface Door {
    Connection open(String database) throws IOException, PostgresException;
  }

  private static final String FUNCTIONS =
      """
      SELECT proname, pg_catalog.bool_or(provolatile = 'v') FROM pg_catalog.pg_proc
      WHERE (pronamespace = 'pg_catalog'::pg_catalog.regnamespace) = $1::pg_catalog.bool
      GROUP BY 1
      """;

  private static final String SERIALIZABLE =
      """
      SELECT pg_catalog.current_setting('default_transaction_isolation') = 'serializable'
        OR EXISTS (
          SELECT FROM pg_catalog.pg_db_role_setting AS s, pg_catalog.unnest(s.setconfig) AS c
          WHERE pg_catalog.lower(c) LIKE 'default_transaction_isolation=%serializable%')
      """;

  private final Door door;
  private final Set<String> declared;
  private final Map<String, Place> places = new ConcurrentHashMap<>();
  private final Map<String, FunctionCatalog.BuiltIn> builtIn = new HashMap<>();
  private final LinkedBlockingQueue<Place> wanted = new LinkedBlockingQueue<>();
  private final Thread thread = Thread.ofVirtual().name("gateway-catalogs").unstarted(this::run);
  private volatile @Nullable Set<String> databases;

  Catalogs(Door door, Collection<String> declared) {
    this.door = door;
    this.declared = Set.copyOf(declared);
  }

  void start() {
    of("postgres");
    thread.start();
  }

  /** The catalog of a database, read soon if it is new. */
  public Place of(String database) {
    return places.computeIfAbsent(
        database,
        absent -> {
          Place place = new Place(absent);
          wanted.add(place);
          return place;
        });
  }

  /** The names of all databases; null while they are not known. */
  public @Nullable Set<String> databases() {
    return databases;
  }

  private void run() {
    while (true) {
      try {
        Place next = wanted.poll(AGE.toMillis(), TimeUnit.MILLISECONDS);
        if (next != null) {
          read(next);
        } else {
          places.values().forEach(this::read);
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void read(Place place) {
    try (Connection connection = door.open(place.database)) {
      String version = connection.parameters().getOrDefault("server_version", "");
      FunctionCatalog.BuiltIn own = builtIn.get(version);
      if (own == null) {
        own = new FunctionCatalog.BuiltIn(functions(connection, true));
        builtIn.put(version, own);
      }
      boolean serializable = "t".equals(connection.query(SERIALIZABLE).getLast().single());
      FunctionCatalog found =
          FunctionCatalog.of(own, functions(connection, false), declared, serializable);
      if (!found.sameAs(place.current)) {
        place.current = found;
      }
      databases =
          Set.copyOf(
              connection
                  .query("SELECT datname FROM pg_catalog.pg_database")
                  .getLast()
                  .rows()
                  .stream()
                  .map(row -> row.required("datname"))
                  .toList());
    } catch (IOException | PostgresException e) {
      LOG.debug("can't read the functions of database {}", place.database, e);
      if (place.current.equals(FunctionCatalog.UNKNOWN)) {
        again(place);
      }
    }
  }

  private void again(Place place) {
    try {
      Thread.sleep(200);
      wanted.add(place);
    } catch (InterruptedException e) {
      thread.interrupt();
    }
  }

  private static List<FunctionCatalog.Named> functions(Connection connection, boolean own)
      throws IOException, PostgresException {
    return connection.query(FUNCTIONS, own ? "t" : "f").rows().stream()
        .map(row -> new FunctionCatalog.Named(row.required("proname"), "t".equals(row.get(1))))
        .toList();
  }

  void close() {
    thread.interrupt();
  }
}
