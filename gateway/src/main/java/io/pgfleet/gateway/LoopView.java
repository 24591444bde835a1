package io.pgfleet.gateway;

import io.pgfleet.gateway.admin.View;
import io.pgfleet.gateway.admin.View.ClientRow;
import io.pgfleet.gateway.admin.View.Limits;
import io.pgfleet.gateway.admin.View.Link;
import io.pgfleet.gateway.admin.View.Peer;
import io.pgfleet.gateway.admin.View.PoolRow;
import io.pgfleet.gateway.admin.View.ServerRow;
import io.pgfleet.gateway.observe.Account;
import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.gateway.statement.StatementScan;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What there is to see in one loop; made on its thread. */
record LoopView(
    List<ClientRow> clients,
    List<ServerRow> servers,
    List<PoolRow> pools,
    Map<Account, Figures> figures,
    GatewayStatus.Totals totals,
    long heldBytes) {
  private static final Peer NOWHERE = new Peer("", 0);

  static LoopView of(EventLoop loop) {
    return new LoopView(
        loop.clients().stream().map(client -> client(loop, client)).toList(),
        loop.pools().stream()
            .flatMap(pool -> pool.servers.stream())
            .map(server -> server(loop, server))
            .toList(),
        loop.pools().stream().map(pool -> pool(loop, pool)).toList(),
        loop.ledger.copy(),
        loop.counters.totals(),
        loop.status().heldBytes());
  }

  private static Duration since(EventLoop loop, long then) {
    return Duration.ofNanos(Math.max(0, loop.now() - then));
  }

  private static ClientRow client(EventLoop loop, ClientLink client) {
    ServerLink server = client.server();
    ClientSight seen = client.seen;
    String state;
    if (client.waits) {
      state = "waiting";
    } else if (server != null || client.admin != null) {
      state = "active";
    } else {
      state = client.loggedIn ? "idle" : "login";
    }
    PoolKey key = seen.key();
    Link link =
        new Link(
            seen.id,
            key.database(),
            key.user(),
            state,
            remote(client.plug.channel()),
            local(client.plug.channel()),
            since(loop, seen.acceptedAt),
            since(loop, seen.requestAt()),
            server == null ? 0 : server.times.id,
            0,
            "",
            client.parameters.get("application_name"),
            client.statements.size());
    return new ClientRow(
        link,
        client.waits ? since(loop, client.waitingSince) : Duration.ZERO,
        StatementScan.reasons(client.session.pins()),
        client.loggedIn);
  }

  private static ServerRow server(EventLoop loop, ServerLink server) {
    ClientLink client = server.client();
    Plug plug = server.plug;
    PoolKey key = server.pool.key();
    Link link =
        new Link(
            server.times.id,
            key.database(),
            key.user(),
            stateName(server),
            plug == null ? NOWHERE : remote(plug.channel()),
            plug == null ? NOWHERE : local(plug.channel()),
            since(loop, server.session.openedAt),
            since(loop, server.times.requestAt()),
            client == null ? 0 : client.seen.id,
            server.session.login.process(),
            "",
            client == null ? "" : client.parameters.get("application_name"),
            server.prepared.size());
    return new ServerRow(link, server.times.route(), server.closeNeeded);
  }

  /** As SHOW SERVERS names it. */
  private static String stateName(ServerLink server) {
    return switch (server.state) {
      case CONNECTING, LOGGING_IN -> "new";
      case IDLE -> "idle";
      case PREPARING -> "tested";
      case USED -> server.cancels.underWay() ? "active_cancel" : "active";
      case CLOSED -> "closed";
    };
  }

  private static PoolRow pool(EventLoop loop, Pool pool) {
    int active = 0;
    int tested = 0;
    int login = 0;
    int idle = 0;
    int canceling = 0;
    for (ServerLink server : pool.servers) {
      switch (stateName(server)) {
        case "active" -> active++;
        case "active_cancel" -> canceling++;
        case "tested" -> tested++;
        case "new" -> login++;
        default -> idle++;
      }
    }
    ClientLink first = pool.waiting.peekFirst();
    PoolSettings settings = pool.settings();
    return new PoolRow(
        pool.key().database(),
        pool.key().user(),
        pool.clients,
        pool.waiting.size(),
        active,
        idle,
        tested,
        login,
        canceling,
        first == null ? Duration.ZERO : since(loop, first.waitingSince),
        new Limits(
            settings.poolMode().name().toLowerCase(Locale.ROOT),
            settings.poolSize(),
            settings.minPoolSize(),
            settings.reservePoolSize(),
            settings.maxDbConnections(),
            settings.maxUserConnections(),
            settings.serverLifetime()));
  }

  private static Peer remote(SocketChannel channel) {
    try {
      return peer(channel.getRemoteAddress());
    } catch (IOException e) {
      return NOWHERE;
    }
  }

  private static Peer local(SocketChannel channel) {
    try {
      return peer(channel.getLocalAddress());
    } catch (IOException e) {
      return NOWHERE;
    }
  }

  private static View.Peer peer(@Nullable SocketAddress address) {
    return switch (address) {
      case null -> NOWHERE;
      case InetSocketAddress inet when inet.getAddress() != null ->
          new Peer(inet.getAddress().getHostAddress(), inet.getPort());
      default -> new Peer("unix", 0);
    };
  }
}
