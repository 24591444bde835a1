package io.pgfleet.gateway.route;

import io.pgfleet.gateway.statement.ReadScan;
import io.pgfleet.gateway.statement.Statement;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which functions of one database only read, by name: a name reads if every function of that name,
 * in whatever schema, does. Names are known by their hashes in {@link ReadScan}. Immutable, so that
 * a verdict holds as long as the catalog is the same object.
 */
public final class FunctionCatalog {
  /** Knows no function. */
  public static final FunctionCatalog UNKNOWN =
      new FunctionCatalog(new BuiltIn(List.of()), Map.of(), false);

  /**
   * A name with what its functions are.
   *
   * @param isVolatile whether any of them is VOLATILE
   */
  public record Named(String name, boolean isVolatile) {}

  /** The functions of the schema pg_catalog, which databases of one server share. */
  public static final class BuiltIn {
    private final HashSetOfLongs reading;
    private final Set<String> writing;

    /** What a server said of its own functions. */
    public BuiltIn(List<Named> found) {
      Map<String, Boolean> verdicts = new HashMap<>();
      for (Named function : found) {
        boolean reads = FunctionRules.reads(function.name(), function.isVolatile());
        verdicts.merge(function.name(), reads, Boolean::logicalAnd);
      }
      reading = hashes(verdicts, true);
      writing =
          verdicts.entrySet().stream()
              .filter(entry -> !entry.getValue())
              .map(Map.Entry::getKey)
              .collect(Collectors.toSet());
    }
  }

  private final BuiltIn builtIn;
  private final Map<String, Boolean> others;
  private final HashSetOfLongs alsoReading;
  private final HashSetOfLongs notReading;
  private final boolean serializable;

  private FunctionCatalog(BuiltIn builtIn, Map<String, Boolean> others, boolean serializable) {
    this.builtIn = builtIn;
    this.others = others;
    this.alsoReading = hashes(others, true);
    this.notReading = hashes(others, false);
    this.serializable = serializable;
  }

  private static HashSetOfLongs hashes(Map<String, Boolean> verdicts, boolean wanted) {
    return new HashSetOfLongs(
        verdicts.entrySet().stream()
            .filter(entry -> entry.getValue() == wanted)
            .map(entry -> ReadScan.hashOf(entry.getKey().getBytes(StandardCharsets.UTF_8)))
            .toList());
  }

  /**
   * A catalog of what a database said.
   *
   * @param found functions outside of pg_catalog
   * @param declared names that the user says only read
   * @param serializable whether transactions may be SERIALIZABLE without saying so
   */
  public static FunctionCatalog of(
      BuiltIn builtIn, List<Named> found, Set<String> declared, boolean serializable) {
    Map<String, Boolean> others = new HashMap<>();
    for (Named function : found) {
      boolean reads =
          FunctionRules.readsElsewhere(function.name(), function.isVolatile())
              && !builtIn.writing.contains(function.name());
      others.merge(function.name(), reads, Boolean::logicalAnd);
    }
    declared.forEach(name -> others.put(name, true));
    return new FunctionCatalog(builtIn, others, serializable);
  }

  /** Whether it says the same as another. */
  @SuppressWarnings("ReferenceEquality") // one server's own functions are one object
  boolean sameAs(FunctionCatalog other) {
    return builtIn == other.builtIn
        && serializable == other.serializable
        && others.equals(other.others);
  }

  /** Whether transactions may be SERIALIZABLE without saying so, which no standby can do. */
  public boolean serializable() {
    return serializable;
  }

  /** Whether a called name only reads. */
  public boolean reads(long name) {
    return alsoReading.contains(name)
        || (builtIn.reading.contains(name) && !notReading.contains(name));
  }

  /** Whether the text that was scanned last, to these flags, only reads. */
  public boolean reads(int flags, ReadScan scan) {
    if ((flags & ReadScan.READS) == 0) {
      return false;
    }
    for (int i = 0; i < scan.callCount(); i++) {
      if (!reads(scan.call(i))) {
        return false;
      }
    }
    return true;
  }

  /** Whether a prepared statement only reads; remembered in it. */
  @SuppressWarnings("ReferenceEquality") // a changed catalog is another object
  public boolean reads(Statement statement) {
    Statement.Verdict last = statement.verdict();
    if (last == null || last.by() != this) {
      last = new Statement.Verdict(this, readsAll(statement));
      statement.judged(last);
    }
    return last.reads();
  }

  private boolean readsAll(Statement statement) {
    if ((statement.flags() & ReadScan.READS) == 0) {
      return false;
    }
    for (long call : statement.calls()) {
      if (!reads(call)) {
        return false;
      }
    }
    return true;
  }
}
