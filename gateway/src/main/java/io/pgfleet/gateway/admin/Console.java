package io.pgfleet.gateway.admin;

import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Carries out the commands of the admin database, each when its session's user may. */
final class Console {
  private static final String HELP =
      """

      \tSHOW HELP|CONFIG|DATABASES|POOLS|CLIENTS|SERVERS|USERS|VERSION
      \tSHOW PEERS|PEER_POOLS
      \tSHOW SOCKETS|ACTIVE_SOCKETS|LISTS|MEM|STATE
      \tSHOW DNS_HOSTS|DNS_ZONES
      \tSHOW STATS|STATS_TOTALS|STATS_AVERAGES|TOTALS
      \tSHOW PINS|ROUTES|TRACE
      \tSET key = arg
      \tRELOAD
      \tPAUSE [<db>]
      \tRESUME [<db>]
      \tDISABLE <db>
      \tENABLE <db>
      \tRECONNECT [<db>]
      \tKILL [<db>]
      \tKILL_CLIENT <client_id>
      \tTRACE CLIENT <client_id> [SAMPLE n] [FOR 60s] | TRACE CLIENT <client_id> OFF
      \tSUSPEND
      \tSHUTDOWN
      \tSHUTDOWN WAIT_FOR_SERVERS|WAIT_FOR_CLIENTS
      \tWAIT_CLOSE [<db>]\
      """;

  private final Control control;

  Console(Control control) {
    this.control = control;
  }

  /** The columns that a command will give; none if it gives no table. */
  static List<Column> columns(AdminCommand command) {
    return switch (command) {
      case AdminCommand.Table(Show show) -> show.columns();
      case AdminCommand.Value(String name, _) -> List.of(Column.text(name));
      case AdminCommand.Set _,
          AdminCommand.Act _,
          AdminCommand.TraceClient _,
          AdminCommand.Courtesy _,
          AdminCommand.Empty _ ->
          List.of();
    };
  }

  /** Carries out a command and gives what it comes to; may take long. */
  AdminReply run(AdminCommand command, boolean admin, BooleanSupplier wanted)
      throws InterruptedException {
    try {
      return switch (command) {
        case AdminCommand.Table(Show show) -> show(show);
        case AdminCommand.Value(String name, String value) ->
            new AdminReply.Rows(List.of(Column.text(name)), List.of(ShowRows.row(value)));
        case AdminCommand.Courtesy(String tag) -> done(tag);
        case AdminCommand.Empty() -> new AdminReply.Nothing();
        case AdminCommand.Set(String key, String value) -> {
          check(admin);
          control.set(key, value);
          yield done("SET");
        }
        case AdminCommand.TraceClient wish -> {
          check(admin);
          control.trace(wish);
          yield done("TRACE");
        }
        case AdminCommand.Act act -> {
          check(admin);
          Optional<ServerReport> told = control.act(act, wanted).map(Console::notice);
          yield new AdminReply.Done(act.verb().name(), told);
        }
      };
    } catch (AdminRefusal e) {
      return new AdminReply.Refused(e.report());
    } catch (IllegalStateException e) {
      return new AdminReply.Refused(
          ServerReport.of("ERROR", SqlState.INTERNAL_ERROR, String.valueOf(e.getMessage())));
    }
  }

  private AdminReply show(Show show) throws AdminRefusal {
    if (show == Show.HELP) {
      return new AdminReply.Done(
          "SHOW", Optional.of(notice("Console usage").with(ServerReport.DETAIL, HELP)));
    }
    if (show == Show.FDS) {
      throw new AdminRefusal(
          SqlState.FEATURE_NOT_SUPPORTED,
          "the gateway does not hand sockets over through SHOW FDS; start a second one instead");
    }
    return new AdminReply.Rows(show.columns(), new ShowRows(control.view()).of(show));
  }

  private static AdminReply done(String tag) {
    return new AdminReply.Done(tag, Optional.empty());
  }

  private static ServerReport notice(String text) {
    return ServerReport.of("NOTICE", SqlState.SUCCESSFUL_COMPLETION, text);
  }

  private static void check(boolean admin) throws AdminRefusal {
    if (!admin) {
      throw new AdminRefusal(
          "42501", "admin access needed: this user is in stats_users, not in admin_users");
    }
  }
}
