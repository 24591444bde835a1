package io.pgfleet.parity.clients;

import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.BatchUpdateException;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.copy.CopyManager;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.largeobject.LargeObjectManager;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** All that pgJDBC does, and what it saw of it, as text. */
final class JdbcReport {
  private final StringBuilder text = new StringBuilder();
  private final String url;
  private final String user;
  private final String types;
  private final int large;
  private final boolean simple;

  /**
   * @param options of the URL, each with a leading ampersand
   * @param large bytes of the largest value
   */
  JdbcReport(int port, String user, String types, String options, int large) {
    this.url =
        "jdbc:postgresql://127.0.0.1:"
            + port
            + "/"
            + user
            + "?ApplicationName=parity&socketTimeout=120"
            + options;
    this.user = user;
    this.types = types;
    this.large = large;
    this.simple = options.contains("preferQueryMode=simple");
  }

  String run() throws Exception {
    try (Connection connection = connect()) {
      types(connection);
      statements(connection);
      prepared(connection);
      transactions(connection);
      batches(connection);
      cursors(connection);
      copies(connection);
      cancelling(connection);
      notifications(connection);
      largeValues(connection);
      metadata(connection);
    }
    section("end");
    return text.toString();
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(url, user, user);
  }

  private void section(String name) {
    text.append("## ").append(name).append('\n');
  }

  private void say(@Nullable Object... values) {
    text.append(Arrays.toString(values)).append('\n');
  }

  private interface Step {
    void run() throws SQLException;
  }

  private void attempt(Step step) {
    try {
      step.run();
      say("no error");
    } catch (PSQLException e) {
      ServerErrorMessage m = e.getServerErrorMessage();
      say(e.getSQLState(), m == null ? e.getMessage() : m.getMessage());
      if (m != null) {
        say(m.getSeverity(), m.getDetail(), m.getHint(), m.getPosition(), m.getInternalPosition());
        say(m.getInternalQuery(), m.getWhere(), m.getSchema(), m.getTable(), m.getColumn());
        say(m.getDatatype(), m.getConstraint(), m.getRoutine());
      }
    } catch (SQLException e) {
      say(e.getClass().getSimpleName(), e.getSQLState(), e.getMessage());
    }
  }

  private void rows(ResultSet rows) throws SQLException {
    ResultSetMetaData columns = rows.getMetaData();
    while (rows.next()) {
      Object[] values = new Object[columns.getColumnCount()];
      for (int i = 0; i < values.length; i++) {
        String type = columns.getColumnTypeName(i + 1);
        // the driver's text of a binary bytea is the array's identity
        values[i] =
            type
                + ":"
                + (type.equals("bytea")
                    ? Arrays.toString(rows.getBytes(i + 1))
                    : rows.getString(i + 1));
      }
      say(values);
    }
  }

  private void query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows(rows);
    }
  }

  private void types(Connection connection) throws SQLException {
    section("types");
    // a second and later time in the binary form, where that is on
    for (int i = 0; i < 3; i++) {
      try (PreparedStatement statement = connection.prepareStatement(types);
          ResultSet rows = statement.executeQuery()) {
        rows(rows);
      }
    }
  }

  private void statements(Connection connection) throws SQLException {
    section("statements");
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t (n int PRIMARY KEY, s text)");
      boolean result =
          statement.execute(
              "INSERT INTO t VALUES (1, 'a'), (2, 'b'); SELECT count(*) FROM t; SELECT 'x'");
      while (result || statement.getUpdateCount() >= 0) {
        if (result) {
          rows(statement.getResultSet());
        } else {
          say(statement.getUpdateCount());
        }
        result = statement.getMoreResults();
      }
      attempt(() -> statement.execute("SELECT 1; SELECT 1/0; SELECT 3"));
      attempt(() -> statement.execute("INSERT INTO t VALUES (1, 'again')"));
      attempt(() -> statement.execute("SELEKT"));
      attempt(() -> statement.execute("SELECT nocolumn FROM t"));
      attempt(() ->
          statement.execute(
              "DO $$ BEGIN RAISE EXCEPTION 'own' USING ERRCODE = 'XY123', DETAIL = 'd', HINT = 'h',"
                  + " COLUMN = 'c', TABLE = 't', SCHEMA = 's', DATATYPE = 'dt', CONSTRAINT = 'k';"
                  + " END $$"));
      statement.execute("DO $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two'; END $$");
      for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
        say(w.getSQLState(), w.getMessage());
      }
      try (ResultSet keys = keysOf(connection)) {
        rows(keys);
      }
    }
    if (simple) {
      return; // the driver can't call functions in this mode
    }
    try (CallableStatement call = connection.prepareCall("{? = call upper(?)}")) {
      call.registerOutParameter(1, Types.VARCHAR);
      call.setString(2, "called");
      call.execute();
      say(call.getString(1));
    }
  }

  @SuppressWarnings("MustBeClosedChecker")
  private static ResultSet keysOf(Connection connection) throws SQLException {
    Statement statement = connection.createStatement();
    statement.closeOnCompletion();
    statement.executeUpdate("INSERT INTO t VALUES (50, 'key')", Statement.RETURN_GENERATED_KEYS);
    return statement.getGeneratedKeys();
  }

  private void prepared(Connection connection) throws SQLException {
    section("prepared");
    for (int round = 0; round < 8; round++) {
      try (PreparedStatement select =
          connection.prepareStatement("SELECT s, ?::int + n AS x FROM t WHERE n = ?")) {
        select.setInt(1, round);
        select.setInt(2, 1 + round % 2);
        rows(select.executeQuery());
      }
    }
    try (PreparedStatement all = connection.prepareStatement("SELECT * FROM t WHERE n = ?");
        Statement change = connection.createStatement()) {
      for (int i = 0; i < 6; i++) {
        all.setInt(1, 1);
        rows(all.executeQuery());
        if (i == 3) {
          change.execute("ALTER TABLE t ADD extra int DEFAULT 7");
        }
      }
    }
    try (PreparedStatement types =
        connection.prepareStatement("SELECT ? = ANY (?), ?::jsonb, ?::bytea")) {
      Array array = connection.createArrayOf("text", new Object[] {"a", "b,c", null});
      types.setString(1, "b,c");
      types.setArray(2, array);
      types.setString(3, "{\"a\": 1}");
      types.setBytes(4, new byte[] {0, 1, (byte) 255});
      rows(types.executeQuery());
    }
    try (PreparedStatement described =
        connection.prepareStatement("SELECT n, s FROM t WHERE n = ?")) {
      if (!simple) {
        ResultSetMetaData columns = described.getMetaData();
        say(columns == null ? "none" : columns.getColumnName(2) + columns.getColumnTypeName(1));
        say(described.getParameterMetaData().getParameterTypeName(1));
      }
    }
    attempt(() -> {
      try (PreparedStatement bad = connection.prepareStatement("SELECT 1 / ?")) {
        bad.setInt(1, 0);
        bad.executeQuery().close();
      }
    });
  }

  private void transactions(Connection connection) throws SQLException {
    section("transactions");
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO t VALUES (100, 'outer')");
      Savepoint savepoint = connection.setSavepoint("inner");
      attempt(() -> statement.execute("INSERT INTO t VALUES (100, 'again')"));
      connection.rollback(savepoint);
      statement.execute("INSERT INTO t VALUES (101, 'after')");
      connection.commit();
      attempt(() -> statement.execute("SELECT 1/0"));
      // goes on where the driver sets savepoints by itself (autosave)
      attempt(() -> statement.execute("SELECT 1"));
      connection.rollback();
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      connection.setReadOnly(true);
      query(connection, "SHOW transaction_isolation");
      attempt(() -> statement.execute("INSERT INTO t VALUES (102, 'refused')"));
      connection.rollback();
      connection.setReadOnly(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    }
    connection.setAutoCommit(true);
    query(connection, "SELECT n, s FROM t WHERE n >= 100 ORDER BY n");
    connection.setSchema("pg_catalog");
    say(connection.getSchema());
    connection.setSchema("public");
    connection.setClientInfo("ApplicationName", "renamed");
    query(connection, "SHOW application_name");
  }

  private void batches(Connection connection) throws SQLException {
    section("batches");
    try (Statement statement = connection.createStatement();
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO t (n, s) VALUES (?, ?)")) {
      for (int i = 1000; i < 4000; i++) {
        insert.setInt(1, i);
        insert.setString(2, "batched " + i);
        insert.addBatch();
      }
      say(insert.executeBatch().length);
      for (int i : new int[] {5000, 5001, 1000, 5002}) {
        insert.setInt(1, i);
        insert.setString(2, "one of them is there");
        insert.addBatch();
      }
      attempt(() -> {
        try {
          insert.executeBatch();
        } catch (BatchUpdateException e) {
          say(Arrays.toString(e.getUpdateCounts()));
          throw e.getNextException();
        }
      });
      statement.addBatch("DELETE FROM t WHERE n = 3999");
      statement.addBatch("UPDATE t SET s = 'x' WHERE n BETWEEN 1000 AND 1009");
      say(Arrays.toString(statement.executeBatch()));
    }
    query(connection, "SELECT count(*), max(n) FROM t");
  }

  private void cursors(Connection connection) throws SQLException {
    section("fetch size");
    connection.setAutoCommit(false);
    try (Statement one = connection.createStatement();
        Statement two = connection.createStatement()) {
      one.setFetchSize(100);
      two.setFetchSize(7);
      long sum = 0;
      try (ResultSet outer = one.executeQuery("SELECT n FROM t ORDER BY n");
          ResultSet inner = two.executeQuery("SELECT n FROM t ORDER BY n DESC")) {
        while (outer.next() && inner.next()) {
          sum = sum * 31 + outer.getInt(1) + inner.getInt(1);
        }
      }
      say(sum);
      try (ResultSet left = one.executeQuery("SELECT generate_series(1, 100000)")) {
        left.next();
      }
    }
    connection.commit();
    connection.setAutoCommit(true);
    query(connection, "SELECT 'after'");
  }

  private void copies(Connection connection) throws Exception {
    section("copy");
    CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
    StringBuilder data = new StringBuilder();
    for (int i = 10_000; i < 60_000; i++) {
      data.append(i).append("\tcopied ").append(i).append('\n');
    }
    say(copy.copyIn("COPY t (n, s) FROM STDIN", new StringReader(data.toString())));
    var out = new ByteArrayOutputStream();
    say(copy.copyOut("COPY (SELECT n, s FROM t WHERE n >= 10000 ORDER BY n) TO STDOUT", out));
    say(out.toString(StandardCharsets.UTF_8).contentEquals(data));
    out.reset();
    copy.copyOut("COPY (SELECT n FROM t WHERE n < 1100 ORDER BY n) TO STDOUT (FORMAT binary)", out);
    say(Arrays.hashCode(out.toByteArray()));
    for (String wrong : new String[] {"bad\tx\n", "1\tthere already\n"}) {
      attempt(() -> {
        try {
          copy.copyIn("COPY t (n, s) FROM STDIN", new StringReader(wrong));
        } catch (java.io.IOException e) {
          throw new IllegalStateException(e);
        }
      });
    }
    var in = copy.copyIn("COPY t (n, s) FROM STDIN");
    in.writeToCopy("90000\tx\n".getBytes(StandardCharsets.UTF_8), 0, 8);
    in.cancelCopy();
    // copyOut's own cancelCopy is left out: it puts this driver out of step on a direct connection
    var reading = copy.copyOut("COPY (SELECT generate_series(1, 500000)) TO STDOUT");
    long read = 0;
    for (byte[] row = reading.readFromCopy(); row != null; row = reading.readFromCopy()) {
      read += row.length;
    }
    say(read);
    query(connection, "SELECT count(*) FROM t");
  }

  private void cancelling(Connection connection) throws Exception {
    section("cancel");
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      attempt(() -> statement.execute("SELECT pg_sleep(20)"));
      statement.setQueryTimeout(0);
      AtomicBoolean done = new AtomicBoolean();
      Thread canceller =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (!done.get()) {
                    Thread.sleep(100);
                    statement.cancel();
                  }
                } catch (SQLException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      attempt(() -> statement.execute("SELECT pg_sleep(20)"));
      done.set(true);
      canceller.join();
    }
    Thread.sleep(300);
    afterCancel(connection, "SELECT 'goes on'");
  }

  /** A cancel that was under way may still hit the next statement, on every way to the server. */
  private void afterCancel(Connection connection, String sql) throws SQLException {
    try {
      query(connection, sql);
    } catch (PSQLException e) {
      if (!"57014".equals(e.getSQLState())) {
        throw e;
      }
      query(connection, sql);
    }
  }

  private void notifications(Connection connection) throws SQLException {
    section("notifications");
    try (Connection other = connect();
        Statement listening = connection.createStatement();
        Statement notifying = other.createStatement()) {
      listening.execute("LISTEN news");
      for (int i = 0; i < 3; i++) {
        notifying.execute("NOTIFY news, 'message " + i + "'");
      }
      int seen = 0;
      for (int i = 0; i < 50 && seen < 3; i++) {
        PGNotification[] news = connection.unwrap(PGConnection.class).getNotifications(200);
        for (PGNotification each : news == null ? new PGNotification[0] : news) {
          say(each.getName(), each.getParameter());
          seen++;
        }
      }
      listening.execute("UNLISTEN news");
    }
  }

  private void largeValues(Connection connection) throws SQLException {
    section("large");
    String value = "0123456789".repeat(large / 10);
    try (PreparedStatement echo = connection.prepareStatement("SELECT ?::text, length(?)")) {
      echo.setString(1, value);
      echo.setString(2, simple ? "" : value);
      try (ResultSet rows = echo.executeQuery()) {
        rows.next();
        say(rows.getString(1).equals(value), rows.getInt(2));
      }
    }
    connection.setAutoCommit(false);
    LargeObjectManager objects = connection.unwrap(PGConnection.class).getLargeObjectAPI();
    long oid = objects.createLO();
    try (LargeObject object = objects.open(oid)) {
      object.write(new byte[300_000]);
      object.seek(5);
      object.write(new byte[] {42});
      object.seek(4);
      say(Arrays.toString(object.read(3)), object.size64());
    }
    objects.unlink(oid);
    connection.commit();
    connection.setAutoCommit(true);
  }

  private void metadata(Connection connection) throws SQLException {
    section("metadata");
    try (ResultSet columns = connection.getMetaData().getColumns(null, "public", "t", null)) {
      while (columns.next()) {
        say(columns.getString("COLUMN_NAME"), columns.getString("TYPE_NAME"));
      }
    }
    try (ResultSet keys = connection.getMetaData().getPrimaryKeys(null, "public", "t")) {
      while (keys.next()) {
        say(keys.getString("COLUMN_NAME"), keys.getString("PK_NAME"));
      }
    }
    say(connection.getMetaData().getDatabaseProductVersion());
  }
}
