package io.pgfleet.cli.sql;

import io.pgfleet.cli.sql.print.PrintStyle;
import io.pgfleet.cli.sql.print.RowPrinter;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Result;
import io.pgfleet.wire.client.Row;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One run of the shell: its connection, its settings, and where its output goes. */
final class Session {
  private final Writer standardOut;
  private final PrintWriter err;
  private final Variables variables = new Variables();
  private final InstantSource clock;
  private final boolean interactive;
  private final Semaphore interrupts = new Semaphore(0);
  private PrintStyle style = PrintStyle.standard();
  private boolean timing;
  private boolean quiet;
  private boolean relativeToScript;
  private Writer out;
  private @Nullable Paging paging;
  private volatile @Nullable Connection connection;
  private volatile boolean running;

  /** Opens a writer that pages long output in a terminal. */
  @FunctionalInterface
  interface Paging {
    Writer open();
  }

  Session(Writer standardOut, PrintWriter err, InstantSource clock, boolean interactive) {
    this.standardOut = standardOut;
    this.out = standardOut;
    this.err = err;
    this.clock = clock;
    this.interactive = interactive;
  }

  Variables variables() {
    return variables;
  }

  PrintStyle style() {
    return style;
  }

  void style(PrintStyle wanted) {
    style = wanted;
  }

  boolean timing() {
    return timing;
  }

  void timing(boolean wanted) {
    timing = wanted;
  }

  boolean quiet() {
    return quiet;
  }

  void quiet(boolean wanted) {
    quiet = wanted;
  }

  /** Whether files that a script names are sought beside it, and not in the working folder. */
  boolean relativeToScript() {
    return relativeToScript;
  }

  void relativeToScript(boolean wanted) {
    relativeToScript = wanted;
  }

  boolean interactive() {
    return interactive;
  }

  InstantSource clock() {
    return clock;
  }

  void paging(Paging wanted) {
    paging = wanted;
  }

  Writer out() {
    return out;
  }

  PrintWriter err() {
    return err;
  }

  /** A writer for one result, closed after it; it flushes, and closes no more than it opened. */
  Writer openResult() {
    Paging pager = paging;
    if (pager != null && out.equals(standardOut)) {
      return pager.open();
    }
    return new Unclosed(out);
  }

  /** Sends further output to a file, or back to standard output for null. */
  void redirect(@Nullable Path file) throws ShellException {
    try {
      if (!out.equals(standardOut)) {
        out.close();
      }
      out = standardOut;
      if (file != null) {
        out =
            new BufferedWriter(
                new OutputStreamWriter(Files.newOutputStream(file), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new ShellException("cannot write to " + file + ": " + Failures.reason(e), e);
    }
  }

  /** Ends a redirection at the end of the program. */
  void redirectQuietly() {
    try {
      redirect(null);
    } catch (ShellException e) {
      err.println("pgfleet: " + e.getMessage());
    }
  }

  void say(String line) {
    try {
      out.append(line).append('\n');
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Prints a whole result, as meta commands do. */
  void print(Result result, @Nullable String title, @Nullable List<String> footers)
      throws IOException {
    try (Writer target = openResult()) {
      RowPrinter printer = RowPrinter.of(style, result.columns(), title, target);
      for (Row row : result.rows()) {
        printer.row(row.values());
      }
      printer.end(footers);
    }
  }

  /** The connection in use. */
  Connection connection() throws ShellException {
    Connection current = connection;
    if (current == null || current.isBroken()) {
      throw new ShellException("you are not connected to a server; \\c connects again");
    }
    return current;
  }

  @Nullable Connection connectionOrNull() {
    return connection;
  }

  void connect(ConnectSettings settings) throws IOException, PostgresException {
    use(Connection.open(settings));
  }

  /** Takes an open connection in place of the one before, which it closes. */
  void use(Connection opened) {
    Connection before = connection;
    connection = opened;
    opened.onNotice(report -> err.print(ErrorText.of(report, null)));
    if (before != null && before != opened) {
      before.close();
    }
  }

  void disconnect() {
    Connection current = connection;
    if (current != null) {
      current.close();
    }
  }

  boolean isConnected() {
    Connection current = connection;
    return current != null && !current.isBroken();
  }

  boolean isRunning() {
    return running;
  }

  void running(boolean now) {
    running = now;
  }

  /** What Ctrl-C means: cancel the running statement, end a wait. */
  void interrupt() {
    interrupts.release();
    Connection current = connection;
    if (running && current != null) {
      Thread.ofVirtual().name("cancel").start(() -> cancel(current));
    }
  }

  private void cancel(Connection current) {
    try {
      current.cancel();
    } catch (IOException e) {
      err.println("Could not send the cancel request: " + e.getMessage());
      err.flush();
    }
  }

  /** Cancels at the end of the program, in this thread. */
  void cancelRunning() {
    Connection current = connection;
    if (running && current != null) {
      cancel(current);
    }
  }

  void forgetInterrupts() {
    interrupts.drainPermits();
  }

  /** Waits; true if interrupted. */
  boolean pause(Duration time) {
    try {
      return interrupts.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private static final class Unclosed extends Writer {
    private final Writer target;

    Unclosed(Writer target) {
      this.target = target;
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
      target.write(text, offset, length);
    }

    @Override
    public void flush() throws IOException {
      target.flush();
    }

    @Override
    public void close() throws IOException {
      target.flush();
    }
  }
}
