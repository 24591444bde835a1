package io.pgfleet.gateway.admin;

import io.pgfleet.wire.ServerReport;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a command gives. */
sealed interface AdminReply {
  /** A table. */
  record Rows(List<Column> columns, List<List<@Nullable Object>> rows) implements AdminReply {}

  /** It is done; perhaps with something to tell beside. */
  record Done(String tag, Optional<ServerReport> notice) implements AdminReply {}

  /** Nothing was asked. */
  record Nothing() implements AdminReply {}

  /** It is not done. */
  record Refused(ServerReport error) implements AdminReply {}
}
