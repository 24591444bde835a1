package io.pgfleet.wire.client;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where to connect, and as whom.
 *
 * @param host name or address
 * @param port 1 to 65535
 * @param database name of the database; of no effect with {@code replication}
 * @param user name of the role
 * @param password for SCRAM; empty where the server asks for none
 * @param parameters further start-up parameters, such as {@code application_name}
 * @param connectTimeout bound on the TCP connection and on each wait during the login, above zero
 * @param socketTimeout bound on each wait for bytes afterwards; zero waits without bound
 * @param replication whether to ask for a walsender (physical replication commands)
 * @param maxMessageLength longest message accepted from the server, in bytes
 * @param encryption empty for none
 */
public record ConnectSettings(
    String host,
    int port,
    String database,
    String user,
    Optional<String> password,
    Map<String, String> parameters,
    Duration connectTimeout,
    Duration socketTimeout,
    boolean replication,
    int maxMessageLength,
    Optional<Encryption> encryption) {
  /** PostgreSQL itself sends no message longer than 1 GiB (MaxAllocSize). */
  public static final int DEFAULT_MAX_MESSAGE_LENGTH = 1 << 30;

  private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

  public ConnectSettings {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("the host is empty");
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not between 1 and 65535");
    }
    if (user.isEmpty()) {
      throw new IllegalArgumentException("the user is empty");
    }
    if (connectTimeout.isNegative() || connectTimeout.isZero()) {
      throw new IllegalArgumentException("the connect timeout must be above zero");
    }
    if (socketTimeout.isNegative()) {
      throw new IllegalArgumentException("the socket timeout must not be below zero");
    }
    if (maxMessageLength < Integer.BYTES) {
      throw new IllegalArgumentException("no message is shorter than its own length");
    }
    parameters = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      rejectZeroByte("a start-up parameter", parameter.getKey());
      rejectZeroByte("start-up parameter " + parameter.getKey(), parameter.getValue());
    }
    rejectZeroByte("the user", user);
    rejectZeroByte("the database", database);
  }

  private static void rejectZeroByte(String what, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(what + " holds a zero byte");
    }
  }

  /** Settings without a password, a timeout of ten seconds to connect and none afterwards. */
  public static ConnectSettings of(String host, int port, String database, String user) {
    return new ConnectSettings(
        host,
        port,
        database,
        user,
        Optional.empty(),
        Map.of(),
        DEFAULT_CONNECT_TIMEOUT,
        Duration.ZERO,
        false,
        DEFAULT_MAX_MESSAGE_LENGTH,
        Optional.empty());
  }

  /** These settings for another server. */
  public ConnectSettings withAddress(String newHost, int newPort) {
    return new ConnectSettings(
        newHost,
        newPort,
        database,
        user,
        password,
        parameters,
        connectTimeout,
        socketTimeout,
        replication,
        maxMessageLength,
        encryption);
  }

  /** These settings for another database. */
  public ConnectSettings withDatabase(String name) {
    return new ConnectSettings(
        host,
        port,
        name,
        user,
        password,
        parameters,
        connectTimeout,
        socketTimeout,
        replication,
        maxMessageLength,
        encryption);
  }

  /** These settings with another user and password. */
  public ConnectSettings withUser(String name, Optional<String> newPassword) {
    return new ConnectSettings(
        host,
        port,
        database,
        name,
        newPassword,
        parameters,
        connectTimeout,
        socketTimeout,
        replication,
        maxMessageLength,
        encryption);
  }

  /** These settings with a password. */
  public ConnectSettings withPassword(String text) {
    return withUser(user, Optional.of(text));
  }

  /** These settings with one start-up parameter more, or another value for it. */
  public ConnectSettings withParameter(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(parameters);
    more.put(name, value);
    return new ConnectSettings(
        host,
        port,
        database,
        user,
        password,
        more,
        connectTimeout,
        socketTimeout,
        replication,
        maxMessageLength,
        encryption);
  }

  /** These settings with other bounds on waiting. */
  public ConnectSettings withTimeouts(Duration connect, Duration socket) {
    return new ConnectSettings(
        host,
        port,
        database,
        user,
        password,
        parameters,
        connect,
        socket,
        replication,
        maxMessageLength,
        encryption);
  }

  /** These settings for a walsender, or for an ordinary backend. */
  public ConnectSettings withReplication(boolean wanted) {
    return new ConnectSettings(
        host,
        port,
        database,
        user,
        password,
        parameters,
        connectTimeout,
        socketTimeout,
        wanted,
        maxMessageLength,
        encryption);
  }

  /** These settings with another bound on a message's length. */
  public ConnectSettings withMaxMessageLength(int bytes) {
    return new ConnectSettings(
        host,
        port,
        database,
        user,
        password,
        parameters,
        connectTimeout,
        socketTimeout,
        replication,
        bytes,
        encryption);
  }

  /** These settings with TLS, or without. */
  public ConnectSettings withEncryption(Optional<Encryption> wanted) {
    return new ConnectSettings(
        host,
        port,
        database,
        user,
        password,
        parameters,
        connectTimeout,
        socketTimeout,
        replication,
        maxMessageLength,
        wanted);
  }

  /** Everything but the password, which must not reach a log. */
  @Override
  public String toString() {
    return user + "@" + host + ":" + port + "/" + database + (replication ? " (replication)" : "");
  }
}
