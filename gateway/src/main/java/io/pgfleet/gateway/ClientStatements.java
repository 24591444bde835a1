package io.pgfleet.gateway;

import io.pgfleet.gateway.listen.ListenText;
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
  private static final byte[] EMPTY = {};
  private @Nullable Map<ByteKey, Statement> byName;
  private byte[] unnamed = EMPTY;
  private int unnamedLength = -1;
  private int unnamedFlags;
  private @Nullable ListenText unnamedListening;
  private long unnamedShape;

  ClientStatements(StatementCatalog catalog) {
    this.catalog = catalog;
  }

  @Nullable Statement find(ByteKey name) {
    return byName == null ? null : byName.get(name);
  }

  /** A name of the client's for what servers call so; null if it has none. */
  @Nullable ByteKey nameOf(byte[] serverName) {
    Map<ByteKey, Statement> names = byName;
    if (names == null) {
      return null;
    }
    for (Map.Entry<ByteKey, Statement> entry : names.entrySet()) {
      if (Arrays.equals(entry.getValue().serverName(), serverName)) {
        return entry.getKey();
      }
    }
    return null;
  }

  void put(NamedStatement named) {
    Map<ByteKey, Statement> names = byName;
    if (names == null) {
      names = new HashMap<>(4);
      byName = names;
    }
    Statement before = names.put(named.name(), named.statement());
    if (before != null) {
      catalog.release(before);
    }
  }

  /** Takes a name out, and says what it named. */
  @Nullable NamedStatement remove(ByteKey name) {
    Statement statement = byName == null ? null : byName.remove(name);
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
    Map<ByteKey, Statement> names = byName;
    if (names != null) {
      names.values().forEach(catalog::release);
      byName = null;
    }
  }

  /** Keeps a Parse body from the text on as the unnamed statement. */
  void unnamed(ByteBuffer source, int from, int to, int flags, long shape) {
    int length = to - from;
    if (unnamed.length < length) {
      unnamed = new byte[Math.max(128, length + length / 4)];
    }
    source.get(from, unnamed, 0, length);
    unnamedLength = length;
    unnamedFlags = flags;
    unnamedShape = shape;
    unnamedListening = null;
  }

  /** The unnamed statement is a LISTEN or UNLISTEN by way of the shared listener. */
  void unnamedListens(ListenText text) {
    unnamedListening = text;
  }

  @Nullable ListenText unnamedListening() {
    return hasUnnamed() ? unnamedListening : null;
  }

  void dropUnnamed() {
    unnamedLength = -1;
  }

  boolean hasUnnamed() {
    return unnamedLength >= 0;
  }

  /** What texts like the unnamed one have in common. */
  long unnamedShape() {
    return unnamedShape;
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
    return byName == null ? 0 : byName.size();
  }
}
