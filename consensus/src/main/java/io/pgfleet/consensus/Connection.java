package io.pgfleet.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pgfleet.consensus.AgreementUnavailableException.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.BackgroundCallback;
import org.apache.curator.framework.api.CuratorEvent;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.jspecify.annotations.Nullable;

/**
 * One session's connection to the servers: requests with an end in time, and news of connecting
 * again and of losing the session. Never asks Curator to try again; callers know what may be
 * repeated.
 */
final class Connection {
  /** A request that Curator sends in the background. */
  @FunctionalInterface
  interface Request {
    void send(CuratorFramework servers, BackgroundCallback answer) throws Exception;
  }

  /** The servers' answer, or why there is none: then the code is CONNECTIONLOSS. */
  record Answer(Code code, @Nullable CuratorEvent event) {
    boolean isOk() {
      return code == Code.OK;
    }

    /** Whether the request may or may not have been carried out. */
    boolean isMissing() {
      return switch (code) {
        // A closed handle gives SESSIONEXPIRED to what it had sent already, too.
        case CONNECTIONLOSS, OPERATIONTIMEOUT, REQUESTTIMEOUT, SESSIONEXPIRED -> true;
        default -> false;
      };
    }

    /** The details, which every answer from the servers has. */
    CuratorEvent details() {
      if (event == null) {
        throw new IllegalStateException("an answer without details: " + code);
      }
      return event;
    }
  }

  /** The servers' answers to questions put in one request; without any if the code is not OK. */
  record Answers(Code code, List<OpResult> results) {
    boolean isMissing() {
      return new Answer(code, null).isMissing();
    }
  }

  private final AgreementSettings settings;
  private final CuratorFramework servers;
  private final CompletableFuture<Answer> lost = new CompletableFuture<>();
  private final CompletableFuture<Answer> connected = new CompletableFuture<>();
  private volatile Runnable onReconnected = () -> {};

  Connection(AgreementSettings settings) {
    this.settings = settings;
    int timeoutMillis = Math.toIntExact(settings.sessionTimeout().toMillis());
    this.servers =
        CuratorFrameworkFactory.builder()
            .connectString(settings.servers())
            .sessionTimeoutMs(timeoutMillis)
            .connectionTimeoutMs(timeoutMillis / 2)
            .retryPolicy((count, elapsed, sleeper) -> false)
            .authorization("digest", ("pgfleet:" + settings.secret()).getBytes(UTF_8))
            .zookeeperFactory(new OneSession(settings.tls(), settings.inOrder()))
            .ensembleTracker(false)
            .dontUseContainerParents()
            .canBeReadOnly(false)
            .build();
    servers.getConnectionStateListenable().addListener((client, state) -> changed(state));
  }

  private void changed(ConnectionState state) {
    switch (state) {
      case CONNECTED -> connected.complete(new Answer(Code.OK, null));
      case RECONNECTED -> onReconnected.run();
      case LOST -> lose();
      case SUSPENDED, READ_ONLY -> {}
    }
  }

  private void lose() {
    lost.complete(new Answer(Code.SESSIONEXPIRED, null));
  }

  /** Connects, and waits for the session. */
  void start(Duration limit) {
    servers.start();
    if (!await(connected, limit).isOk()) {
      throw unavailable(Outcome.NOT_DONE);
    }
  }

  /** From now on called after every reconnect, on a thread that must not be held up. */
  void onReconnected(Runnable call) {
    onReconnected = call;
  }

  /** Called once when the session is lost; at once if it is already. */
  void onLost(Runnable call) {
    var _ = lost.thenRun(call);
  }

  boolean isLost() {
    return lost.isDone();
  }

  long sessionId() {
    return handle(zooKeeper -> zooKeeper.getSessionId());
  }

  Duration negotiatedTimeout() {
    return Duration.ofMillis(handle(zooKeeper -> (long) zooKeeper.getSessionTimeout()));
  }

  private long handle(java.util.function.ToLongFunction<org.apache.zookeeper.ZooKeeper> question) {
    try {
      return question.applyAsLong(servers.getZookeeperClient().getZooKeeper());
    } catch (Exception e) {
      throw new AgreementUnavailableException(Outcome.NOT_DONE, "The session ended at once.", e);
    }
  }

  /** Sends a request; the answer comes in its own time, at the latest with the session's end. */
  CompletableFuture<Answer> send(Request request) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    if (isLost()) {
      return lost;
    }
    try {
      request.send(servers, (client, event) -> answer.complete(answered(event)));
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      // Curator refuses once it is closed; nobody can tell what it had done before it threw.
      answer.complete(new Answer(Code.CONNECTIONLOSS, null));
    }
    return answer;
  }

  private Answer answered(CuratorEvent event) {
    Code code = Code.get(event.getResultCode());
    if (code == Code.SESSIONEXPIRED) {
      lose();
    }
    return new Answer(code == null ? Code.SYSTEMERROR : code, event);
  }

  /** Sends a request and waits for the answer; CONNECTIONLOSS if it takes too long. */
  Answer call(Request request, Duration limit) {
    return await(send(request), limit);
  }

  /**
   * Asks several questions that change nothing in one request, which the servers answer in their
   * order. Curator has no such call.
   */
  Answers ask(List<Op> questions, Duration limit) {
    CompletableFuture<Answers> answer = new CompletableFuture<>();
    if (isLost()) {
      return new Answers(Code.SESSIONEXPIRED, List.of());
    }
    try {
      servers
          .getZookeeperClient()
          .getZooKeeper()
          .multi(
              questions,
              (code, path, context, results) -> answer.complete(answers(code, results)),
              null);
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      return new Answers(Code.CONNECTIONLOSS, List.of());
    }
    return await(answer, new Answers(Code.CONNECTIONLOSS, List.of()), limit);
  }

  private Answers answers(int number, @Nullable List<OpResult> results) {
    Code code = Code.get(number);
    if (code == Code.SESSIONEXPIRED) {
      lose();
    }
    return new Answers(
        code == null ? Code.SYSTEMERROR : code, results == null ? List.of() : results);
  }

  private Answer await(CompletableFuture<Answer> answer, Duration limit) {
    return await(answer, new Answer(Code.CONNECTIONLOSS, null), limit);
  }

  /** Waits for an answer, which is {@code without} if time or the session ends before it comes. */
  private <T> T await(CompletableFuture<T> answer, T without, Duration limit) {
    try {
      CompletableFuture.anyOf(answer, lost).get(Math.max(0, limit.toNanos()), TimeUnit.NANOSECONDS);
      return answer.getNow(without);
    } catch (TimeoutException e) {
      return without;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AgreementUnavailableException(
          Outcome.UNKNOWN, "The wait for " + settings.servers() + " was interrupted.", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** What to throw when no answer came. */
  AgreementUnavailableException unavailable(Outcome outcome) {
    String doubt = outcome == Outcome.UNKNOWN ? " Whether the change was made is unknown." : "";
    String what =
        isLost()
            ? "The session with the agreed state at " + settings.servers() + " has ended."
            : "The agreed state at " + settings.servers() + " did not answer in time.";
    return new AgreementUnavailableException(outcome, what + doubt, null);
  }

  /** What to throw when the servers say no for a reason that will not pass. */
  AgreementRefusedException refused(String path, Code code) {
    String why =
        switch (code) {
          case NOAUTH, AUTHFAILED, INVALIDACL ->
              "belongs to somebody with another secret; use the secret it was created with";
          default -> "was refused (" + code + ")";
        };
    return new AgreementRefusedException(
        "The agreed state at " + settings.servers() + ": " + path + " " + why + ".", null);
  }

  /** What to throw when the servers' administrator has not let us make an entry. */
  AgreementRefusedException notAllowed(String path) {
    String above = Paths.above(path);
    return new AgreementRefusedException(
        "The ZooKeeper servers at "
            + settings.servers()
            + " do not let this fleet create "
            + path
            + ". Their administrator can: in zkCli.sh "
            + (above.equals("/")
                ? "'create " + path + " \"\" world:anyone:cr'."
                : "give everybody the right c in the ACL of " + above + " (getAcl, setAcl)."),
        null);
  }

  /** Ends the session, waiting for the servers for the time given at most. */
  void close(Duration limit) {
    Thread closing = Thread.ofVirtual().start(servers::close);
    try {
      closing.join(limit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lose();
  }
}
