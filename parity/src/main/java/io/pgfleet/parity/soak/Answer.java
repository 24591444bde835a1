package io.pgfleet.parity.soak;

/**
 * One message of a server.
 *
 * @param type PostgreSQL's letter
 * @param text a row's first value, an error's SQLSTATE, a tag, a ReadyForQuery's status, a
 *     notification's channel and payload, or nothing
 */
record Answer(char type, String text) {
  boolean isError() {
    return type == 'E';
  }
}
