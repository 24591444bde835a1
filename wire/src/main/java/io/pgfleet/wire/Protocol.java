package io.pgfleet.wire;

/**
 * The numbers of the protocol, named as in the manual ('Message Formats' and 'Start-up').
 *
 * <p>Every message but the first of a connection is a type byte, a length that counts itself but
 * not the type, and a body.
 */
public final class Protocol {
  /** Bytes of type and length before a body. */
  public static final int HEADER_SIZE = 5;

  /** Version 3.0, the first word of a StartupMessage. */
  public static final int VERSION_3_0 = 3 << 16;

  /** Version 3.2, new in PostgreSQL 18. */
  public static final int VERSION_3_2 = 3 << 16 | 2;

  /** The first word of a CancelRequest. */
  public static final int CANCEL_REQUEST = 1234 << 16 | 5678;

  /** The first word of an SSLRequest. */
  public static final int SSL_REQUEST = 1234 << 16 | 5679;

  /** The first word of a GSSENCRequest. */
  public static final int GSSENC_REQUEST = 1234 << 16 | 5680;

  /** PostgreSQL's own bound on a start-up packet, in bytes (MAX_STARTUP_PACKET_LENGTH). */
  public static final int MAX_STARTUP_LENGTH = 10_000;

  /** Messages a frontend sends. */
  public static final class Frontend {
    public static final byte BIND = 'B';
    public static final byte CLOSE = 'C';
    public static final byte COPY_DATA = 'd';
    public static final byte COPY_DONE = 'c';
    public static final byte COPY_FAIL = 'f';
    public static final byte DESCRIBE = 'D';
    public static final byte EXECUTE = 'E';
    public static final byte FLUSH = 'H';
    public static final byte FUNCTION_CALL = 'F';
    public static final byte PARSE = 'P';

    /** PasswordMessage, SASLInitialResponse and SASLResponse share it. */
    public static final byte PASSWORD = 'p';

    public static final byte QUERY = 'Q';
    public static final byte SYNC = 'S';
    public static final byte TERMINATE = 'X';

    private Frontend() {}
  }

  /** Messages a backend sends. */
  public static final class Backend {
    public static final byte AUTHENTICATION = 'R';
    public static final byte BACKEND_KEY_DATA = 'K';
    public static final byte BIND_COMPLETE = '2';
    public static final byte CLOSE_COMPLETE = '3';
    public static final byte COMMAND_COMPLETE = 'C';
    public static final byte COPY_BOTH_RESPONSE = 'W';
    public static final byte COPY_DATA = 'd';
    public static final byte COPY_DONE = 'c';
    public static final byte COPY_IN_RESPONSE = 'G';
    public static final byte COPY_OUT_RESPONSE = 'H';
    public static final byte DATA_ROW = 'D';
    public static final byte EMPTY_QUERY_RESPONSE = 'I';
    public static final byte ERROR_RESPONSE = 'E';
    public static final byte FUNCTION_CALL_RESPONSE = 'V';
    public static final byte NEGOTIATE_PROTOCOL_VERSION = 'v';
    public static final byte NO_DATA = 'n';
    public static final byte NOTICE_RESPONSE = 'N';
    public static final byte NOTIFICATION_RESPONSE = 'A';
    public static final byte PARAMETER_DESCRIPTION = 't';
    public static final byte PARAMETER_STATUS = 'S';
    public static final byte PARSE_COMPLETE = '1';
    public static final byte PORTAL_SUSPENDED = 's';
    public static final byte READY_FOR_QUERY = 'Z';
    public static final byte ROW_DESCRIPTION = 'T';

    private Backend() {}
  }

  /** The first word of an Authentication message's body. */
  public static final class Authentication {
    public static final int OK = 0;
    public static final int CLEARTEXT_PASSWORD = 3;
    public static final int MD5_PASSWORD = 5;
    public static final int SASL = 10;
    public static final int SASL_CONTINUE = 11;
    public static final int SASL_FINAL = 12;

    private Authentication() {}
  }

  /** The status byte of ReadyForQuery. */
  public static final class TransactionStatus {
    public static final byte IDLE = 'I';
    public static final byte IN_TRANSACTION = 'T';
    public static final byte FAILED = 'E';

    private TransactionStatus() {}
  }

  private Protocol() {}
}
