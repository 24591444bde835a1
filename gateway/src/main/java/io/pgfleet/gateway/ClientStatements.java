package io.pgfleet.gateway;

import io.pgfleet.gateway.statement.ByteKey;
import io.pgfleet.gateway.statement.NamedStatement;
import io.pgfleet.gateway.statement.Statement;
import io.pgfleet.gateway.statement.StatementCatalog;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The prepared statements of one client, by its names, and its unnamed one. */
final class ClientStatements {
  private final StatementCatalog catalog;
  private final Map<ByteKey, Statement> byName = new HashMap<>(4);
  private byte[] unnamed = {};
  private int unnamedLength = -1;
  private int unnamedFlags;

  ClientStatements(StatementCatalog catalog) {
    this.catalog = catalog;
  }

  @Nullable Statement find(ByteKey name) {
    return byName.get(name);
  }

  /** A name of the client's for what servers call so; null if it has none. */
  @Nullable ByteKey nameOf(byte[] serverName) {
    for (Map.Entry<ByteKey, Statement> entry : byName.entrySet()) {
      if (Arrays.equals(entry.getValue().serverName(), serverName)) {
        return entry.getKey();
      }
    }
    return null;
  }

  void put(NamedStatement named) {
    Statement before = byName.put(named.name(), named.statement());
    if (before != null) {
      catalog.release(before);
    }
  }

  /** Takes a name out, and says what it named. */
  @Nullable NamedStatement remove(ByteKey name) {
    Statement statement = byName.remove(name);
    if (statement == null) {
      return null;
    }
    return new NamedStatement(name.copy(), statement);
  }

  /** A removed name is final: its statement is counted no more. */
  void forget(@Nullable NamedStatement removed) {
    if (removed != null) {
      catalog.release(removed.statement());
    }
  }

  void clear() {
    byName.values().forEach(catalog::release);
    byName.clear();
  }

  /** Keeps a Parse body from the text on as the unnamed statement. */
  void unnamed(ByteBuffer source, int from, int to, int flags) {
    int length = to - from;
    if (unnamed.length < length) {
      unnamed = new byte[Math.max(128, length + length / 4)];
    }
    source.get(from, unnamed, 0, length);
    unnamedLength = length;
    unnamedFlags = flags;
  }

  void dropUnnamed() {
    unnamedLength = -1;
  }

  boolean hasUnnamed() {
    return unnamedLength >= 0;
  }

  int unnamedFlags() {
    return hasUnnamed() ? unnamedFlags : 0;
  }

  /** The body to parse the unnamed statement with once more. */
  byte[] unnamedBody() {
    return Arrays.copyOf(unnamed, unnamedLength);
  }

  /** Shows the unnamed statement's text. */
  void showUnnamed(ServerTimes times) {
    times.copyText(unnamed, Math.max(0, unnamedLength));
  }

  int size() {
    return byName.size();
  }
}
