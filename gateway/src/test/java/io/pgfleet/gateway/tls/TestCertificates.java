package io.pgfleet.gateway.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** An authority of a test's own and what it signs, made by the openssl command. */
public final class TestCertificates {
  private static final List<String> EC =
      List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1");

  private final Path folder;
  private final String name;

  private TestCertificates(Path folder, String name) {
    this.folder = folder;
    this.name = name;
  }

  /** Makes an authority in the folder. */
  public static TestCertificates authority(Path folder, String name) throws IOException {
    run(
        Stream.of(
                List.of("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=" + name),
                EC,
                List.of("-keyout", folder + "/" + name + ".key"),
                List.of("-out", folder + "/" + name + ".crt"))
            .flatMap(List::stream)
            .toList());
    return new TestCertificates(folder, name);
  }

  /** The authority's certificate. */
  public Path file() {
    return folder.resolve(name + ".crt");
  }

  /**
   * Signs a certificate; its files are {@code file.crt} and {@code file.key}.
   *
   * @param alternatives subjectAltName, may be empty
   */
  public void sign(String file, String subject, String alternatives, String... keyOptions)
      throws IOException {
    List<String> key = keyOptions.length == 0 ? EC : List.of(keyOptions);
    List<String> extension =
        alternatives.isEmpty() ? List.of() : List.of("-addext", "subjectAltName=" + alternatives);
    run(
        Stream.of(
                List.of("openssl", "req", "-nodes", "-subj", subject),
                key,
                extension,
                List.of("-keyout", folder + "/" + file + ".key"),
                List.of("-out", folder + "/" + file + ".csr"))
            .flatMap(List::stream)
            .toList());
    run(
        List.of(
            "openssl",
            "x509",
            "-req",
            "-days",
            "2",
            "-in",
            folder + "/" + file + ".csr",
            "-CA",
            file().toString(),
            "-CAkey",
            folder + "/" + name + ".key",
            "-CAcreateserial",
            "-copy_extensions",
            "copy",
            "-out",
            folder + "/" + file + ".crt"));
    Files.setPosixFilePermissions(
        folder.resolve(file + ".key"), PosixFilePermissions.fromString("rw-------"));
  }

  /** Runs a command that must succeed. */
  public static String run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(String.join(" ", command) + ": " + output);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IOException(e);
    }
    return output;
  }
}
