package io.pgfleet.wire.client;

import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps whole results in memory. */
final class CollectingListener implements ResultListener {
  private final Consumer<ServerReport> notices;
  private final List<Result> results = new ArrayList<>();
  private List<Column> columns = List.of();
  private List<Row> rows = new ArrayList<>();
  private boolean copied;

  CollectingListener(Consumer<ServerReport> notices) {
    this.notices = notices;
  }

  @Override
  public void rowDescription(List<Column> described) {
    columns = described;
  }

  @Override
  public void row(@Nullable String[] values) {
    rows.add(new Row(columns, values));
  }

  @Override
  public void commandComplete(String tag) {
    results.add(new Result(columns, rows, tag));
    columns = List.of();
    rows = new ArrayList<>();
  }

  @Override
  public void notice(ServerReport report) {
    notices.accept(report);
  }

  @Override
  public void copyOut(CopyFormat format) {
    copied = true;
  }

  List<Result> results() throws PostgresException {
    if (copied) {
      throw new PostgresException(
          ServerReport.of(
                  "ERROR", SqlState.FEATURE_NOT_SUPPORTED, "COPY TO STDOUT gives no result set")
              .with(ServerReport.HINT, "Use Connection.copyOut."));
    }
    return results;
  }
}
