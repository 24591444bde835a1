package io.pgfleet.agent.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an agent asks the guard about the kernel's watchdog, and what that answers. A question is a
 * number within the agent's word: whether the device can be used, or is armed. The answer is a file
 * of one line that begins with a word and the number, so that one from before, or from another life
 * of the machine, is not taken for it. Times are in hundredths of a second since the machine was
 * started.
 */
final class WatchdogInquiry {
  private static final Logger log = LoggerFactory.getLogger(WatchdogInquiry.class);
  private static final String ARMED = "armed";
  private static final String FAILED = "failed";
  private static final String NOT_TRIED = "the guard of the server has not tried it yet";
  private static final long AGAIN = 1000;

  private final KernelWatchdog watchdog;
  private final Path answers;
  private long number;
  private long askedAt;
  private String answer = "";
  private String reason = NOT_TRIED;

  private WatchdogInquiry(KernelWatchdog watchdog, Path answers, long now) {
    this.watchdog = watchdog;
    this.answers = answers;
    this.number = now;
    this.askedAt = now;
  }

  /**
   * Tells the guard which device it is about, and asks the first question.
   *
   * @param folder the guard's
   */
  static WatchdogInquiry begin(KernelWatchdog watchdog, Path folder, long now) throws IOException {
    Path answers = folder.resolve("watchdog.answer");
    Files.deleteIfExists(answers);
    Files.write(
        folder.resolve("watchdog"), List.of(watchdog.device().toString(), watchdog.setter()));
    return new WatchdogInquiry(watchdog, answers, now);
  }

  boolean required() {
    return watchdog.required();
  }

  /** What the agent's word says of the watchdog: timeout, question, and whether to arm it now. */
  synchronized String words(boolean leads) {
    return " " + watchdog.seconds() + " " + number + (leads ? " 1" : " 0");
  }

  /** Asks anew. */
  synchronized void ask(long now) {
    number++;
    askedAt = now;
    answer = "";
  }

  /** Looks for the answer, which may become another; after a bad one it asks again now and then. */
  synchronized void look(long now) {
    read();
    if (answer.equals(FAILED) && now - askedAt >= AGAIN) {
      ask(now);
    }
  }

  /** Whether the device is armed in answer to the last question. */
  synchronized boolean armed() {
    read();
    return answer.equals(ARMED);
  }

  /** The bad answer to the last question, if that is what it was. */
  synchronized Optional<String> refusal() {
    return answer.equals(FAILED) ? Optional.of(sentence()) : Optional.empty();
  }

  /** Why the device can't be used, by the last answer; empty if it can. */
  synchronized Optional<String> trouble() {
    return reason.isEmpty() ? Optional.empty() : Optional.of(sentence());
  }

  private String sentence() {
    return "the watchdog " + watchdog.device() + " can't be used: " + reason;
  }

  private void read() {
    String[] line;
    try {
      String text = Files.readString(answers, StandardCharsets.UTF_8);
      if (!text.endsWith("\n")) {
        return;
      }
      line = text.strip().split(" ", 3);
    } catch (IOException e) {
      // There is none yet.
      return;
    }
    if (line.length < 2 || !line[1].equals(Long.toString(number))) {
      return;
    }
    String before = reason;
    answer = line[0];
    reason = !answer.equals(FAILED) ? "" : line.length > 2 ? line[2] : "the guard says no more";
    if (!reason.equals(before)) {
      if (!reason.isEmpty()) {
        log.warn("{}", sentence());
      } else {
        log.info("the watchdog {} can be used", watchdog.device());
      }
    }
  }
}
