package io.pgfleet.postgres;

import java.nio.file.Path;

/**
 * The files of this host by which a server and its standbys speak TLS and know each other. The
 * server gets copies that its own user may read.
 *
 * @param certificate PEM, of this host
 * @param key PEM, of that certificate; not encrypted
 * @param authority PEM, that signs the certificates of all hosts
 */
public record ServerTls(Path certificate, Path key, Path authority) {
  static final String CERTIFICATE = "host.crt";
  static final String KEY = "host.key";
  static final String AUTHORITY = "ca.crt";
}
