package io.pgfleet.cli.sql;

import io.pgfleet.cli.sql.print.PrintStyle;
import io.pgfleet.cli.sql.print.RowPrinter;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import io.pgfleet.wire.client.Column;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.CopyFormat;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.ResultListener;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sends one text of SQL, prints what comes back as it comes. */
final class StatementRunner {
  private final Session session;
  private final PrintStyle style;
  private final @Nullable String title;

  StatementRunner(Session session, PrintStyle style, @Nullable String title) {
    this.session = session;
    this.style = style;
    this.title = title;
  }

  /**
   * Runs it to its end.
   *
   * @param data for COPY FROM STDIN, or null if there is none
   * @throws PostgresException as the server reports it; nothing is printed of it
   * @throws IOException if the connection is lost, or the output fails
   */
  void run(String sql, @Nullable InlineData data)
      throws IOException, PostgresException, ShellException {
    Connection connection = session.connection();
    Printing printing = new Printing(data);
    Instant begun = session.clock().instant();
    session.running(true);
    try {
      connection.run(sql, printing);
    } catch (PostgresException e) {
      if (printing.failure == null || !e.sqlState().equals(SqlState.QUERY_CANCELED)) {
        throw e;
      }
    } finally {
      session.running(false);
      printing.finish();
      if (printing.copying && data != null) {
        data.drain();
      }
    }
    IOException failure = printing.failure;
    if (failure != null && !printing.paged) {
      throw new ShellException("cannot write the output: " + failure.getMessage(), failure);
    }
    if (session.timing()) {
      session.say(elapsed(Duration.between(begun, session.clock().instant())));
    }
  }

  static String elapsed(Duration time) {
    double millis = time.toNanos() / 1e6;
    String text = "Time: %.3f ms".formatted(millis);
    if (millis < 1_000) {
      return text;
    }
    long seconds = time.toSeconds();
    return text + " (%02d:%02d.%03d)".formatted(seconds / 60, seconds % 60, time.toMillisPart());
  }

  private final class Printing implements ResultListener {
    private final @Nullable InlineData data;
    private @Nullable RowPrinter printer;
    private @Nullable Writer target;
    private @Nullable IOException failure;
    private boolean paged;
    private boolean copying;
    private boolean copiedOut;

    Printing(@Nullable InlineData data) {
      this.data = data;
    }

    @Override
    public void rowDescription(List<Column> columns) {
      Writer opened = session.openResult();
      target = opened;
      paged = opened instanceof PagedWriter;
      printer = RowPrinter.of(style, columns, title, opened);
    }

    @Override
    public void row(@Nullable String[] values) {
      RowPrinter current = printer;
      if (failure != null || current == null) {
        return;
      }
      try {
        current.row(values);
      } catch (IOException e) {
        fail(e);
      }
    }

    /** The reader has gone (a pager was left): the rest of the rows is of no use. */
    private void fail(IOException e) {
      if (failure == null) {
        failure = e;
        session.interrupt();
      }
    }

    @Override
    public void commandComplete(String tag) {
      RowPrinter current = printer;
      printer = null;
      try {
        if (current != null && failure == null) {
          current.end(null);
        }
        finish();
        boolean returning =
            tag.startsWith("INSERT")
                || tag.startsWith("UPDATE")
                || tag.startsWith("DELETE")
                || tag.startsWith("MERGE");
        boolean shown = style.showsTags() && !session.quiet() && !tag.isEmpty();
        boolean printed = copiedOut || (current != null && !returning);
        copiedOut = false;
        if (shown && !printed) {
          session.say(tag);
        }
      } catch (IOException e) {
        fail(e);
      }
    }

    @Override
    public void notice(ServerReport report) {
      session.err().print(ErrorText.of(report, null));
      session.err().flush();
    }

    @Override
    public @Nullable InputStream copyIn(CopyFormat format) {
      copying = true;
      if (data != null && session.interactive()) {
        session.say(
            "Enter data to be copied followed by a newline.\n"
                + "End with a backslash and a period on a line by itself, or an EOF signal.");
      }
      return data;
    }

    @Override
    public void copyOut(CopyFormat format) {
      copiedOut = true;
    }

    @Override
    public void copyData(ByteBuffer bytes) {
      if (failure != null) {
        return;
      }
      try {
        session
            .out()
            .write(
                new String(
                    bytes.array(),
                    bytes.arrayOffset() + bytes.position(),
                    bytes.remaining(),
                    StandardCharsets.UTF_8));
      } catch (IOException e) {
        fail(e);
      }
    }

    void finish() {
      Writer current = target;
      target = null;
      try {
        if (current != null) {
          current.close();
        }
        session.out().flush();
      } catch (IOException e) {
        fail(e);
      }
    }
  }
}
