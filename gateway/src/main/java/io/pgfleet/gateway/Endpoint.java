package io.pgfleet.gateway;

/** What a selection key stands for. */
sealed interface Endpoint permits ClientLink, ServerLink, CancelRelay, Listener {
  /** The socket can do something it was asked about; runs on the loop's thread. */
  void ready(int operations);
}
