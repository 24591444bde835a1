package io.pgfleet.backup.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.postgres.backup.ArchiveCommand;
import io.pgfleet.postgres.host.ServerUser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script and the desk, whichever of them is there, or dies. */
@Timeout(60)
class PushDeskTest {
  private static final String NAME = "000000010000000000000005";

  @TempDir private Path folder;
  private final List<String> pushed = new CopyOnWriteArrayList<>();
  private final List<PushDesk> desks = new ArrayList<>();
  private ArchiveCommand command = ArchiveCommand.of(Path.of("n1"));
  private Path data = Path.of("n1");

  @BeforeEach
  void make() throws IOException {
    // A folder's name must mean nothing to the shell, nor to PostgreSQL.
    data = Files.createDirectories(folder.resolve("it's 100% 'n1'"));
    command = ArchiveCommand.of(data);
  }

  @AfterEach
  void close() {
    desks.forEach(PushDesk::close);
  }

  private PushDesk desk(PushDesk.Push push) throws Exception {
    PushDesk desk = new PushDesk(command, ServerUser.resolve(Optional.empty()), push);
    desks.add(desk);
    while (!Files.exists(command.folder().resolve("pid"))) {
      Thread.sleep(5);
    }
    return desk;
  }

  private record Ended(int status, String said) {}

  /** As PostgreSQL runs it: in the data folder, with its own signs replaced. */
  private Process begin(String name) throws IOException {
    String line = command.value().replace("%f", name).replace("%%", "%");
    return new ProcessBuilder("/bin/sh", "-c", line)
        .directory(data.toFile())
        .redirectErrorStream(true)
        .start();
  }

  private static Ended end(Process process) throws Exception {
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), said);
  }

  private Ended archive(String name) throws Exception {
    return end(begin(name));
  }

  private List<String> left() throws IOException {
    try (Stream<Path> files = Files.list(command.folder())) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void awaitQuestion() throws Exception {
    while (left().stream().noneMatch(file -> file.endsWith(".wanted"))) {
      Thread.sleep(5);
    }
  }

  @Test
  void aFileIsArchivedWhenTheDeskSaysSo() throws Exception {
    desk(pushed::add);
    assertThat(archive(NAME)).isEqualTo(new Ended(0, ""));
    assertThat(archive(NAME)).isEqualTo(new Ended(0, ""));
    assertThat(pushed).containsExactly(NAME, NAME);
    assertThat(left()).containsExactly("pid", "push.sh");
  }

  @Test
  void whatFailsIsToldToTheServersLog() throws Exception {
    desk(_ -> {
      throw new BackupException(Kind.STORE, "The store\nis away.", "See that it is up.");
    });
    Ended ended = archive(NAME);
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.said())
        .isEqualTo(
            "pgfleet: " + NAME + " is not archived: The store is away. See that it is up.\n");
    assertThat(left()).containsExactly("pid", "push.sh");
  }

  @Test
  void whatIsUnforeseenIsNoSuccess() throws Exception {
    desk(_ -> {
      throw new IllegalStateException("done " + NAME);
    });
    assertThat(archive(NAME).status()).isEqualTo(1);
    assertThat(archive(NAME).said()).contains("it failed");
  }

  @Test
  void withoutAnAgentItFailsAtOnce() throws Exception {
    assertThat(archive(NAME).status()).isEqualTo(1);
    PushDesk desk = desk(pushed::add);
    desk.close();
    assertThat(archive(NAME).said()).contains("the agent is away");
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    Files.writeString(command.folder().resolve("pid"), gone.pid() + "\n");
    assertThat(archive(NAME)).extracting(Ended::status).isEqualTo(1);
    assertThat(pushed).isEmpty();
    assertThat(left()).containsExactly("pid", "push.sh");
  }

  /** The agent is killed with a question in its hands; PostgreSQL asks again. */
  @Test
  void anAgentThatDiesWhileItIsAskedIsNoSuccess() throws Exception {
    PushDesk desk = desk(pushed::add);
    desk.close();
    Process agent = new ProcessBuilder("sleep", "60").start();
    Files.writeString(command.folder().resolve("pid"), agent.pid() + "\n");
    Process script = begin(NAME);
    awaitQuestion();
    agent.destroyForcibly().waitFor();
    Ended ended = end(script);
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.said()).contains("the agent has gone");
    assertThat(left()).containsExactly("pid", "push.sh");
  }

  /** The next agent is there before the script has missed the last one. */
  @Test
  void aQuestionOutlivesTheAgent() throws Exception {
    PushDesk first = desk(pushed::add);
    first.close();
    Files.writeString(command.folder().resolve("pid"), ProcessHandle.current().pid() + "\n");
    Process script = begin(NAME);
    awaitQuestion();
    desk(pushed::add);
    assertThat(end(script)).isEqualTo(new Ended(0, ""));
    assertThat(pushed).containsExactly(NAME);
  }

  @Test
  void whatAServerThatWasKilledHasAskedIsAnsweredAndForgotten() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    desk(name -> {
      asked.countDown();
      await(go);
      pushed.add(name);
    });
    Process script = begin(NAME);
    asked.await();
    script.destroyForcibly().waitFor();
    CompletableFuture<Ended> second = CompletableFuture.supplyAsync(() -> ended(NAME));
    go.countDown();
    assertThat(second.get()).isEqualTo(new Ended(0, ""));
    assertThat(pushed).containsExactly(NAME, NAME);
    assertThat(left()).noneMatch(file -> file.endsWith(".wanted"));
  }

  private Ended ended(String name) {
    try {
      return archive(name);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void severalAskAtOnce() throws Exception {
    desk(pushed::add);
    List<CompletableFuture<Ended>> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      String name = NAME.substring(1) + i;
      all.add(CompletableFuture.supplyAsync(() -> ended(name)));
    }
    for (CompletableFuture<Ended> one : all) {
      assertThat(one.get()).isEqualTo(new Ended(0, ""));
    }
    assertThat(pushed).hasSize(5).doesNotHaveDuplicates();
  }

  /** A store that hangs must not hold up a server that is told to stop. */
  @Test
  void aServerThatStopsIsNotHeldUp() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    desk(_ -> await(never));
    Files.writeString(data.resolve("postmaster.pid"), "1\n" + data + "\nstopping\n");
    long began = System.nanoTime();
    assertThat(archive(NAME).said()).contains("did not take it in time");
    assertThat(System.nanoTime() - began).isLessThan(30_000_000_000L);
    never.countDown();
  }

  @Test
  void anOldAnswerIsNotTakenForThisOne() throws Exception {
    desk(_ -> {
      throw new BackupException(Kind.STORE, "It is away.", "");
    });
    Path old = Files.writeString(command.folder().resolve("1.1.answer"), "done " + NAME + "\n");
    Files.setLastModifiedTime(old, FileTime.from(Instant.EPOCH));
    assertThat(archive(NAME).status()).isEqualTo(1);
  }
}
