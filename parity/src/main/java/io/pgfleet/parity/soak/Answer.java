package io.pgfleet.parity.soak;

/**
 * One message of a server.
 *
 * @param type PostgreSQL's letter
 * @param text a row's first value, an error's SQLSTATE, a tag, a ReadyForQuery's status, a
 *     notification's channel and payload, or nothing
 * @param message of an error
 */
record Answer(char type, String text, String message) {
  Answer(char type, String text) {
    this(type, text, "");
  }

  boolean isError() {
    return type == 'E';
  }
}
