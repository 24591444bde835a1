package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.observe.Route;
import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.gateway.topology.Standby;
import io.pgfleet.gateway.topology.Target;
import io.pgfleet.gateway.topology.Topology;
import io.pgfleet.wire.ServerReport;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** What is known of the session at the other end of a {@link ServerLink}, on whatever loop. */
final class ServerSession {
  final Target target;
  final ServerLogin login;
  final PreparedStatements prepared;
  final long openedAt;

  /** Where it is connected to. */
  SocketAddress address;

  /** When it is to be closed, once idle. */
  long expiresAt = Long.MAX_VALUE;

  private SessionParameters parameters = SessionParameters.NONE;
  private @Nullable ServerReport lastWords;
  private boolean retired;

  ServerSession(Target target, ServerLogin login, EventLoop loop) {
    this.target = target;
    this.login = login;
    this.prepared = new PreparedStatements(loop.fleet.settings.maxPreparedStatements());
    this.openedAt = loop.now();
    this.address = InetSocketAddress.createUnresolved(target.host(), target.port());
  }

  /** At the other end is a standby, for reads. */
  boolean onStandby() {
    return target instanceof Standby;
  }

  /**
   * It was opened for a primary whose reign is over, since another has begun. Its server can commit
   * nothing more that would last, and its host may be gone without a word: no answer is to be
   * waited for. While there is no other primary, it may end what it runs.
   */
  boolean isOutlived(Topology topology) {
    return target instanceof Primary own
        && topology.primary().filter(next -> next.term() > own.term()).isPresent();
  }

  Route route() {
    return onStandby() ? Route.STANDBY : Route.PRIMARY;
  }

  /** The login is done; false if the server is not what it is wanted for. */
  boolean begins(EventLoop loop) {
    SessionParameters reported = login.parameters();
    boolean recovers = reported.get(SessionParameters.IN_HOT_STANDBY).equals("on");
    parameters(loop, reported.with(SessionParameters.IN_HOT_STANDBY, "off"));
    // One that is about to be primary still recovers, or does not any more.
    return recovers == onStandby() || loop.fleet.topology().isComing(target);
  }

  SessionParameters parameters() {
    return parameters;
  }

  /** Takes an equal object, so that the next comparison is quick. */
  void share(SessionParameters equal) {
    parameters = equal;
  }

  private void parameters(EventLoop loop, SessionParameters changed) {
    parameters = loop.canonical(changed);
  }

  /** A parameter is reported; false if it is not for the client. */
  boolean reported(EventLoop loop, String name, String value) {
    if (name.equals(SessionParameters.IN_HOT_STANDBY)) {
      // A standby that was promoted, or the like: what it was opened for is over. A primary it may
      // have become since.
      retired |= onStandby() || value.equals("on");
      return false;
    }
    parameters(loop, parameters.with(name, value));
    return true;
  }

  /** The CancelRequest for what it runs. */
  byte[] cancelRequest() {
    return Messages.cancel(login.process(), login.secret());
  }

  /** It is as old as it may get. */
  boolean expired(long now) {
    return expiresAt != Long.MAX_VALUE && now - expiresAt > 0;
  }

  /** Is not lent again. */
  void retire() {
    retired = true;
  }

  void retireUnless(boolean fit) {
    retired |= !fit;
  }

  boolean isRetired() {
    return retired;
  }

  /** An error that ends the connection: said before the end of input, so remembered. */
  void lastWords(ServerReport report) {
    if (report.severity().equals("FATAL") || report.severity().equals("PANIC")) {
      lastWords = report;
      retired = true;
    }
  }

  /** Why the connection ended: what the server said, or else what was seen here. */
  String why(String seen) {
    ServerReport report = lastWords;
    return report == null ? seen : report.message();
  }
}
