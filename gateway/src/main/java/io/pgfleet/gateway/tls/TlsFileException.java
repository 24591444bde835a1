package io.pgfleet.gateway.tls;

import java.io.IOException;
import java.nio.file.Path;

/** A file of certificates or keys that is of no use; the message says which and why. */
public final class TlsFileException extends IOException {
  private static final long serialVersionUID = 1L;

  TlsFileException(Path file, String message) {
    super(file + ": " + message);
  }

  TlsFileException(Path file, String message, Throwable cause) {
    super(file + ": " + message, cause);
  }
}
