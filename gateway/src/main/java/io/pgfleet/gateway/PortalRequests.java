package io.pgfleet.gateway;

import io.pgfleet.gateway.PreparedStatements.Standing;
import java.nio.ByteBuffer;

/**
 * A client's messages that name a portal. The unnamed portal passes only if the client has bound
 * it: the one that a failed Query leaves behind in a transaction block refers to memory that is
 * free again, and its use crashes the server process, and with it all sessions of the server (seen
 * with PostgreSQL 15.20 and 18.6).
 */
final class PortalRequests {
  private PortalRequests() {}

  /**
   * An Execute, or a Describe of a portal.
   *
   * @param name where the portal's name begins
   * @return false if it must wait, since whether the portal was bound is not known yet
   */
  static boolean pass(Gather out, ByteBuffer source, int at, int name, int end, ServerLink server) {
    Exchange exchange = server.exchange;
    boolean unnamed = name < end && source.get(name) == 0;
    Standing standing = unnamed ? server.prepared.portal(exchange) : Standing.READY;
    if (standing == Standing.UNCERTAIN) {
      return false;
    }
    exchange.pass();
    if (standing == Standing.ABSENT) {
      Renamed.put(out, source, at, name, name, end, Renamed.NOTHING);
    } else {
      out.run(source, at, end);
    }
    return true;
  }
}
