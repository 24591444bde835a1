package io.pgfleet.chaos.client;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/** Where to connect, and as whom. */
public record Address(String host, int port, String database, String user, String password) {
  private static final int CONNECT_SECONDS = 3;

  /** The part of PostgreSQL's protocol that statements go by. */
  public enum Protocol {
    SIMPLE,
    EXTENDED
  }

  /**
   * Connects.
   *
   * @param patience how long to wait for any answer; the connection is broken then
   */
  public Connection connect(Protocol protocol, Duration patience) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", Integer.toString(CONNECT_SECONDS));
    properties.setProperty("loginTimeout", Long.toString(patience.toSeconds()));
    properties.setProperty("socketTimeout", Long.toString(patience.toSeconds()));
    properties.setProperty("ApplicationName", "pgfleet chaos");
    properties.setProperty("preferQueryMode", protocol == Protocol.SIMPLE ? "simple" : "extended");
    return DriverManager.getConnection(
        "jdbc:postgresql://" + host + ":" + port + "/" + database, properties);
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
