package io.pgfleet.wire.client;

import io.pgfleet.wire.ServerReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One COPY between the server and a stream. */
final class CopyListener implements ResultListener {
  private final @Nullable InputStream source;
  private final @Nullable OutputStream sink;
  private final Consumer<ServerReport> notices;
  private boolean copied;
  private long rows;

  CopyListener(
      @Nullable InputStream source, @Nullable OutputStream sink, Consumer<ServerReport> notices) {
    this.source = source;
    this.sink = sink;
    this.notices = notices;
  }

  @Override
  public @Nullable InputStream copyIn(CopyFormat format) {
    copied = true;
    return source;
  }

  @Override
  public void copyOut(CopyFormat format) {
    copied = true;
  }

  @Override
  public void copyData(ByteBuffer data) throws IOException {
    if (sink != null) {
      sink.write(data.array(), data.arrayOffset() + data.position(), data.remaining());
    }
  }

  @Override
  public void commandComplete(String tag) {
    rows = Result.affected(tag);
  }

  @Override
  public void notice(ServerReport report) {
    notices.accept(report);
  }

  long rows() {
    if (!copied) {
      throw new IllegalArgumentException("the statement was no COPY with STDIN or STDOUT");
    }
    return rows;
  }
}
