package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServerException;
import io.pgfleet.agent.OutsideGuard;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.host.Commands;
import io.pgfleet.postgres.host.FileTrees;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process beside a server that stops it when the agent's certainty of the lease has passed, so
 * that fencing does not wait for the agent's JVM: that may be frozen, starved of memory, or gone.
 *
 * <p>The agent leaves its last word in a file, and the guard, a small shell script, looks at it
 * again and again. It leaves a server alone that is in recovery, as {@code standby.signal} in the
 * data folder tells. The moment is given on the clock of {@code /proc/uptime} (proc(5)), which both
 * read without a call to anybody, and which goes on while the machine sleeps; so a machine that
 * wakes finds the moment passed. The guard outlives the agent: one that comes back in time goes on
 * with the guard that runs. Linux only, and only with bash and flock(1).
 *
 * <p>Where there is a {@link KernelWatchdog}, the guard has it armed while the server may accept
 * writes, and the words say with which timeout. Then the host is restarted before the lease can
 * pass on if the guard itself does not run any more, or can't end the server.
 */
public final class ServerGuard implements OutsideGuard, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServerGuard.class);
  private static final String OFF = "off ;";
  private static final Path UPTIME = Path.of("/proc/uptime");
  private static final Path BASH = Path.of("/bin/bash");
  private static final long NANOS_PER_HUNDREDTH = 10_000_000;
  private static final String SCRIPT = "guard.sh";

  private static final long HUNDREDTHS_PER_SECOND = 100;

  /** How long the watchdog is armed before the server is seen to accept writes, or to fail to. */
  private static final long ABOUT_TO_LEAD = 10 * HUNDREDTHS_PER_SECOND;

  private static final long PATIENCE = 2 * HUNDREDTHS_PER_SECOND;
  private static final Duration LOOK = Duration.ofMillis(10);

  /** More than the guard's longest nap. */
  private static final Duration HEARD = Duration.ofSeconds(1);

  private static final Pattern UNTIL = Pattern.compile("until (\\d+) .*;\\s*", Pattern.DOTALL);

  /** Longer than any word, so that each covers the one before. */
  private static final int WORD_BYTES = 48;

  private final Server server;
  private final Path folder;

  /** Not a channel: that would be closed by the interrupt which ends the thread that writes. */
  private final RandomAccessFile word;

  private final Optional<WatchdogInquiry> watchdog;
  private String said = "";
  private boolean ended;

  /** In hundredths of a second of the clock of {@code /proc/uptime}; 0 if nothing was said. */
  private long certainUntil;

  /** Likewise: until when the server may be about to leave recovery. */
  private long leadsUntil;

  private ServerGuard(
      Server server, Path folder, RandomAccessFile word, Optional<WatchdogInquiry> watchdog) {
    this.server = server;
    this.folder = folder;
    this.word = word;
    this.watchdog = watchdog;
  }

  /** Whether this machine has what a guard needs. */
  public static boolean available() {
    return Files.isReadable(UPTIME)
        && Files.isExecutable(BASH)
        && List.of("/usr/bin/flock", "/bin/flock").stream()
            .anyMatch(program -> Files.isExecutable(Path.of(program)));
  }

  /**
   * Guards a server; a guard that an earlier life of this agent has left goes on.
   *
   * @param folder where the guard keeps its files: beside the data folder, never in it, or a copy
   *     of the data would take them along
   * @param watchdog to be armed by the guard
   * @throws IOException if the files can't be written or the guard can't be started
   */
  public static ServerGuard begin(Server server, Path folder, Optional<KernelWatchdog> watchdog)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      FileTrees.createPrivateFolder(folder, server.user());
    }
    Path script = folder.resolve(SCRIPT);
    Path fresh = folder.resolve(SCRIPT + ".new");
    try (InputStream source = ServerGuard.class.getResourceAsStream(SCRIPT)) {
      if (source == null) {
        throw new IOException("the program lacks its own " + SCRIPT);
      }
      Files.write(fresh, source.readAllBytes());
    }
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("r-xr-xr-x"));
    Files.move(fresh, script, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Path file = folder.resolve("word");
    // What an agent that was killed said last holds still; what one said that left does not.
    Matcher last = UNTIL.matcher(Files.exists(file) ? Files.readString(file) : "");
    Optional<WatchdogInquiry> inquiry = Optional.empty();
    if (watchdog.isPresent()) {
      inquiry = Optional.of(WatchdogInquiry.begin(watchdog.get(), folder, uptime()));
    }
    ServerGuard guard =
        new ServerGuard(server, folder, new RandomAccessFile(file.toFile(), "rw"), inquiry);
    if (last.matches()) {
      guard.certainUntil = Long.parseLong(last.group(1));
    } else {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
      guard.say(OFF);
    }
    guard.start(script, file);
    return guard;
  }

  /**
   * Has a guard leave the server alone that an agent has left which was killed. Its last word holds
   * for any server of that folder, also one that is made anew without an agent. Returns when the
   * guard has heard it.
   *
   * @param folder as for {@link #begin}; it need not be there
   */
  public static void leaveAlone(Path folder) throws IOException, InterruptedException {
    Path file = folder.resolve("word");
    if (Files.exists(file)) {
      Files.write(file, line(OFF), StandardOpenOption.WRITE);
      Thread.sleep(HEARD);
    }
  }

  /** One that runs already holds its lock, and the new one leaves at once. */
  private void start(Path script, Path file) throws IOException {
    Path log = folder.resolve("guard.log");
    List<String> command =
        List.of(
            "/bin/sh",
            "-c",
            "exec \"$@\" >>\"$0\" 2>&1",
            log.toString(),
            "setsid",
            BASH.toString(),
            script.toString(),
            server.data().path().toAbsolutePath().toString(),
            file.toString());
    ProcessBuilder builder = new ProcessBuilder(server.user().command(command));
    Commands.prepare(builder);
    builder.redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
    builder.redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD).start();
  }

  @Override
  public void certainUntil(long nanos, Ticker ticker) {
    try {
      long now = uptime();
      // The ticker is read after the other clock, so a pause between the two only shortens the
      // time.
      long left = Math.floorDiv(nanos - ticker.nanos(), NANOS_PER_HUNDREDTH);
      watchdog.ifPresent(own -> own.look(now));
      sayUntil(now + left, now);
    } catch (IOException e) {
      untold(e);
    }
  }

  @Override
  public void release() {
    try {
      sayOff();
    } catch (IOException e) {
      untold(e);
    }
  }

  @Override
  public Optional<String> objection() {
    return watchdog.filter(WatchdogInquiry::required).flatMap(WatchdogInquiry::trouble);
  }

  @Override
  public void beforeLeading() throws NodeServerException {
    if (watchdog.isEmpty()) {
      return;
    }
    WatchdogInquiry inquiry = watchdog.get();
    try {
      long begun = uptime();
      inquiry.ask(begun);
      arm(begun);
      while (inquiry.required() && !inquiry.armed()) {
        Optional<String> trouble = inquiry.refusal();
        if (trouble.isPresent()) {
          throw new NodeServerException(trouble.get());
        }
        if (uptime() - begun > PATIENCE) {
          throw new NodeServerException(
              "the guard of the server does not arm the watchdog; see "
                  + folder.resolve("guard.log"));
        }
        Thread.sleep(LOOK);
      }
    } catch (IOException e) {
      throw new NodeServerException("the guard of the server can't be told", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NodeServerException("interrupted while the watchdog was armed", e);
    }
  }

  private synchronized void arm(long now) throws IOException {
    leadsUntil = now + ABOUT_TO_LEAD;
    if (certainUntil != 0) {
      sayUntil(certainUntil, now);
    }
  }

  private synchronized void sayUntil(long until, long now) throws IOException {
    certainUntil = until;
    boolean leads = now < leadsUntil;
    say("until " + until + watchdog.map(own -> own.words(leads)).orElse("") + " ;");
  }

  private synchronized void sayOff() throws IOException {
    certainUntil = 0;
    say(OFF);
  }

  private void untold(IOException e) {
    log.warn("the guard of {} can't be told: {}", server.data().path(), e.getMessage());
  }

  /** Ends the guard; the server goes on unguarded. */
  @Override
  public synchronized void close() throws IOException {
    try (word) {
      say("end ;");
    } finally {
      ended = true;
    }
  }

  private synchronized void say(String text) throws IOException {
    if (ended || text.equals(said)) {
      return;
    }
    word.seek(0);
    word.write(line(text));
    said = text;
  }

  private static byte[] line(String text) {
    return String.format(Locale.ROOT, "%-" + (WORD_BYTES - 1) + "s\n", text)
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Hundredths of a second since the machine was started. */
  private static long uptime() throws IOException {
    String text = Files.readString(UPTIME, StandardCharsets.US_ASCII);
    return Long.parseLong(text.substring(0, text.indexOf(' ')).replace(".", ""));
  }
}
