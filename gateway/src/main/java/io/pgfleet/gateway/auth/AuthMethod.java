package io.pgfleet.gateway.auth;

/** How a client proves who it is, by the names of pg_hba.conf. */
public enum AuthMethod {
  TRUST("trust"),
  REJECT("reject"),
  SCRAM_SHA_256("scram-sha-256"),
  /** A hash of the password; with a SCRAM verifier, SCRAM. */
  MD5("md5"),
  /** The password in clear text. */
  PASSWORD("password"),
  /** A client certificate that names the user. */
  CERT("cert"),
  /** The system's user at the other end of a Unix-domain socket. */
  PEER("peer");

  private final String word;

  AuthMethod(String word) {
    this.word = word;
  }

  /** Its name in the file. */
  public String word() {
    return word;
  }
}
