package io.pgfleet.cli.command;

import io.pgfleet.cli.control.Reply;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.cli.up.Board;
import io.pgfleet.consensus.JsonCodec;
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
  @Override
  public Integer call() {
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
            "");
    StatusReport report =
        new StatusReport(
            "train",
            "",
            1,
            true,
            "",
            new StatusReport.Gateway("127.0.0.1:6432", false, 1, 0, 1, 1),
            List.of(new StatusReport.Group("main", 1, Optional.of("n1"), "none", List.of(node))));
    JsonCodec<Reply> codec = JsonCodec.of(Reply.class);
    Reply reply = codec.decode(codec.encode(Reply.status(report)));
    JsonCodec.of(Request.class).encode(Request.of("status"));
    new Board(true).lines(reply.status().orElseThrow()).forEach(System.out::println);
    System.out.println(picocli.CommandLine.Help.Ansi.AUTO.enabled());
    return 0;
  }
}
