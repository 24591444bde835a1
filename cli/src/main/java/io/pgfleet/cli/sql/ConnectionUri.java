package io.pgfleet.cli.sql;

import io.pgfleet.wire.client.ConnectSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection URI, {@code postgresql://user:password@host:port/database?parameter=value}
 * (PostgreSQL manual, 'Connection URIs'), of one host.
 *
 * @param parameters those after the question mark
 */
record ConnectionUri(
    @Nullable String user,
    @Nullable String password,
    @Nullable String host,
    int port,
    @Nullable String database,
    Map<String, String> parameters) {
  ConnectionUri {
    parameters = Map.copyOf(parameters);
  }

  static boolean looksLike(String text) {
    return text.startsWith("postgresql://") || text.startsWith("postgres://");
  }

  static ConnectionUri parse(String text) throws ShellException {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      // the text may hold a password: only the place is told
      throw new ShellException(
          "the connection URI is malformed at character " + (e.getIndex() + 1), e);
    }
    if (uri.getRawAuthority() != null && uri.getHost() == null) {
      throw new ShellException("the connection URI must name one host, as host or host:port");
    }
    String info = uri.getRawUserInfo();
    int colon = info == null ? -1 : info.indexOf(':');
    String user = info == null ? null : colon < 0 ? info : info.substring(0, colon);
    String password = info == null || colon < 0 ? null : info.substring(colon + 1);
    Map<String, String> parameters = new LinkedHashMap<>();
    if (uri.getRawQuery() != null) {
      for (String pair : uri.getRawQuery().split("&")) {
        int equals = pair.indexOf('=');
        if (equals < 1) {
          throw new ShellException("the connection URI has a parameter without value");
        }
        parameters.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
      }
    }
    String path = uri.getRawPath();
    return new ConnectionUri(
        user == null ? null : decode(user),
        password == null ? null : decode(password),
        uri.getHost() == null ? null : uri.getHost().replace("[", "").replace("]", ""),
        uri.getPort(),
        path == null || path.length() < 2 ? null : decode(path.substring(1)),
        parameters);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** Settings with what the URI says, and the rest as it was. */
  ConnectSettings over(ConnectSettings settings) throws ShellException {
    try {
      ConnectSettings result = settings;
      if (host != null || port > 0) {
        result =
            result.withAddress(
                host == null ? settings.host() : host, port > 0 ? port : settings.port());
      }
      if (user != null) {
        result = result.withUser(user, Passwords.forUser(user));
      }
      if (password != null) {
        result = result.withPassword(password);
      }
      if (database != null) {
        result = result.withDatabase(database);
      }
      for (Map.Entry<String, String> parameter : parameters.entrySet()) {
        result = with(result, parameter.getKey(), parameter.getValue());
      }
      return result;
    } catch (IllegalArgumentException e) {
      throw new ShellException("the connection URI is unusable: " + e.getMessage(), e);
    }
  }

  private static ConnectSettings with(ConnectSettings settings, String name, String value)
      throws ShellException {
    return switch (name) {
      case "application_name", "options" -> settings.withParameter(name, value);
      case "user" -> settings.withUser(value, settings.password());
      case "password" -> settings.withPassword(value);
      case "host" -> settings.withAddress(value, settings.port());
      case "port" -> settings.withAddress(settings.host(), Integer.parseInt(value));
      case "dbname" -> settings.withDatabase(value);
      case "connect_timeout" ->
          settings.withTimeouts(
              Duration.ofSeconds(Long.parseLong(value)), settings.socketTimeout());
      case "sslmode" -> {
        if (value.equals("require") || value.startsWith("verify")) {
          throw new ShellException(
              "sslmode=" + value + " is not possible: the shell speaks no TLS yet");
        }
        yield settings;
      }
      default -> throw new ShellException("the connection URI has the unknown parameter " + name);
    };
  }
}
