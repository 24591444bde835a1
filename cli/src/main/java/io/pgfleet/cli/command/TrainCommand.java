package io.pgfleet.cli.command;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.FolderStore;
import io.pgfleet.cli.control.Reply;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.cli.up.Board;
import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.AgreementSettings;
import io.pgfleet.consensus.EmbeddedConsensus;
import io.pgfleet.consensus.JsonCodec;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.ZooKeeperAgreement;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.spec.FleetFile;
import io.pgfleet.spec.GroupName;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * {@code pgfleet train}: goes through what short commands do, so that the launcher can keep the
 * loaded classes in a cache (JEP 483, 'Ahead-of-Time Class Loading and Linking').
 */
@Command(name = "train", hidden = true, description = "Fills the start-up cache; for the launcher.")
public final class TrainCommand implements Callable<Integer> {
  private static final Duration LEASE = Duration.ofSeconds(10);
  private static final int PACK = 8 * 1024 * 1024;

  @Override
  public Integer call() throws Exception {
    shortCommands();
    upCommand();
    return 0;
  }

  /** Starts and stops the roles without a server, for what {@code up} loads. */
  private static void upCommand() throws Exception {
    FleetFile.parse("fleet: train\ngroups: {main: {nodes: 3}}\n", Path.of("fleet.yaml"));
    Path folder = Files.createTempDirectory("pgfleet-train");
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (EmbeddedConsensus consensus = EmbeddedConsensus.start(folder, anyPort, LEASE);
        Agreement agreement =
            ZooKeeperAgreement.open(
                AgreementSettings.ownServers(consensus.servers(), "training only", LEASE),
                Ticker.system())) {
      GroupStore store = new GroupStore(agreement, new GroupName("main"));
      NodeName node = new NodeName("n1");
      store.found(new GroupState(1, new Term(1), node, SyncSet.NONE));
      store.castVote(store.view().state().orElseThrow(), new Vote(node, new Term(1), 1, Lsn.ZERO));
      System.out.println(store.view());
      repository(folder.resolve("repository"));
    } finally {
      FileTrees.delete(folder);
    }
  }

  /** Writes and reads an encrypted object, for what every command about backups loads. */
  private static void repository(Path folder) {
    UserKey key = UserKey.parse("0".repeat(2 * UserKey.BYTES), "the training");
    Archive archive =
        Archive.open(
            new FolderStore(folder), new Archive.Owner("train", "main", 1), Optional.of(key));
    try (Arena memory = Arena.ofConfined()) {
      ByteBuffer content = memory.allocate(PACK).asByteBuffer();
      Archive.Stored put = archive.writer(PACK, memory).put("pack", content);
      archive.reader(PACK, memory).get("pack", Optional.of(put.checksum()));
    }
    new Backups(archive).all();
  }

  private static void shortCommands() {
    StatusReport.Node node =
        new StatusReport.Node(
            "n1",
            "127.0.0.1:5441",
            "local",
            "primary",
            "",
            "",
            1,
            Optional.of("0/1"),
            Optional.of(1L),
            "",
            Optional.of("18.5"),
            Optional.of("18.6"),
            false);
    StatusReport report =
        new StatusReport(
            "train",
            "",
            1,
            true,
            "",
            new StatusReport.Gateway("127.0.0.1:6432", false, 1, 0, 1, 1, -1),
            List.of(
                new StatusReport.Group(
                    "main",
                    1,
                    Optional.of("n1"),
                    "none",
                    Optional.empty(),
                    Optional.empty(),
                    List.of(node))),
            List.of());
    JsonCodec<Reply> codec = JsonCodec.of(Reply.class);
    Reply reply = codec.decode(codec.encode(Reply.status(report)));
    JsonCodec.of(Request.class).encode(Request.of("status"));
    new Board(true).lines(reply.status().orElseThrow()).forEach(System.out::println);
  }
}
