package io.pgfleet.bench;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/**
 * A database to work on, and who works.
 *
 * @param host a name or an address; an IPv6 address without brackets
 */
public record Target(String host, int port, String database, String user, String password) {
  private static final int DEFAULT_PORT = 5432;
  private static final int DEFAULT_PORT_OF_GATEWAY = 6432;

  /** Longer than a failover takes; a server that is silent for so long is given up. */
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private static final Duration CONNECTING = Duration.ofSeconds(10);

  /**
   * Reads a connection string (PostgreSQL manual, 'Connection URIs') with one host.
   *
   * @throws BenchException if it has another form
   */
  public static Target ofUri(String text) {
    try {
      URI uri = new URI(text);
      String[] login = String.valueOf(uri.getRawUserInfo()).split(":", 2);
      boolean scheme = "postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme());
      if (!scheme || uri.getHost() == null || uri.getRawUserInfo() == null) {
        throw unreadable();
      }
      String path = uri.getRawPath() == null ? "" : uri.getRawPath();
      String user = decode(login[0]);
      return new Target(
          uri.getHost().replaceAll("^\\[|]$", ""),
          uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
          path.length() > 1 ? decode(path.substring(1)) : user,
          user,
          login.length > 1 ? decode(login[1]) : "");
    } catch (URISyntaxException e) {
      // Neither the text nor the cause is told: both hold the password.
      throw unreadable();
    }
  }

  private static BenchException unreadable() {
    return new BenchException(
        "the connection string can't be read",
        "write postgresql://USER:PASSWORD@HOST:"
            + DEFAULT_PORT_OF_GATEWAY
            + "/DATABASE, as 'pgfleet url' prints it");
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** One more connection. */
  public Connection connect() throws SQLException {
    return connect(SILENCE);
  }

  /**
   * One more connection.
   *
   * @param patience a server that is silent for so long is given up
   */
  public Connection connect(Duration patience) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("ApplicationName", "pgfleet bench");
    long connecting = Math.min(CONNECTING.toSeconds(), patience.toSeconds());
    properties.setProperty("connectTimeout", Long.toString(connecting));
    properties.setProperty("loginTimeout", Long.toString(patience.toSeconds()));
    properties.setProperty("socketTimeout", Long.toString(patience.toSeconds()));
    return DriverManager.getConnection(jdbcUrl(), properties);
  }

  private String jdbcUrl() {
    String address = host.indexOf(':') < 0 ? host : "[" + host + "]";
    return "jdbc:postgresql://"
        + address
        + ":"
        + port
        + "/"
        + URLEncoder.encode(database, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return user + "@" + host + ":" + port + "/" + database;
  }
}
