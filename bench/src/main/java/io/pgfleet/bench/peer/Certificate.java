package io.pgfleet.bench.peer;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A certificate for 127.0.0.1 that signs itself, and its key, as PEM files. */
public record Certificate(Path certificate, Path key) {
  /** Makes one; nothing if openssl is not installed. */
  public static Optional<Certificate> make(Path folder) throws InterruptedException {
    Optional<Path> openssl = Programs.find("openssl");
    if (openssl.isEmpty()) {
      return Optional.empty();
    }
    Certificate made = new Certificate(folder.resolve("bench.crt"), folder.resolve("bench.key"));
    Programs.run(
        List.of(
            openssl.get().toString(),
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-keyout",
            made.key().toString(),
            "-out",
            made.certificate().toString()),
        Map.of());
    return Optional.of(made);
  }
}
