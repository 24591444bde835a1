package io.pgfleet.agent.model;

/**
 * The process at the upstream's end of a connection.
 *
 * @param names what commits wait for, as this process has read it
 * @param flushed how far the standby has told that it has flushed
 * @param last the last thing the standby told before it went, if it is gone; it may yet arrive
 */
record Walsender(int names, int flushed, int last) {
  Walsender reads(int present) {
    return new Walsender(present, flushed, last);
  }

  Walsender hears(int position) {
    return new Walsender(names, position, last);
  }

  Walsender losesStandby(int position) {
    return new Walsender(names, flushed, position);
  }

  void pack(Fingerprint into) {
    into.add(names, 7);
    into.add(flushed, 3);
    into.add(last, 3);
  }
}
