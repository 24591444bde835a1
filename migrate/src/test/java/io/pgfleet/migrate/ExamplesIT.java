package io.pgfleet.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of these tests are files that the other programs themselves accept. */
final class ExamplesIT {
  @TempDir private Path folder;

  private String resource(String name) throws IOException {
    try (InputStream in = Migration.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void haproxyAcceptsOurExample() throws Exception {
    Path haproxy = Path.of("/usr/sbin/haproxy");
    assumeTrue(Files.isExecutable(haproxy), "no haproxy");
    Path file = folder.resolve("haproxy.cfg");
    Files.writeString(file, resource("haproxy.cfg"));
    Process check =
        new ProcessBuilder(haproxy.toString(), "-c", "-f", file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(check.waitFor()).as(said).isZero();
  }

  @Test
  void pgBouncerStartsWithOurExample() throws Exception {
    Path pgbouncer = Path.of("/usr/sbin/pgbouncer");
    assumeTrue(Files.isExecutable(pgbouncer), "no pgbouncer");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path ini = folder.resolve("pgbouncer.ini");
    Files.writeString(
        ini,
        resource("pgbouncer.ini")
            .replace("listen_port = 6432", "listen_port = " + port)
            .replace("listen_addr = *", "listen_addr = 127.0.0.1")
            .replace("userlist.txt", folder.resolve("userlist.txt").toString())
            .replace("= pgbouncer.log", "= " + folder.resolve("pgbouncer.log"))
            .replace("= pgbouncer.pid", "= " + folder.resolve("pgbouncer.pid")));
    Files.writeString(folder.resolve("userlist.txt"), "\"postgres\" \"x\"\n");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    boolean root = System.getProperty("user.name").equals("root");
    List<String> line =
        root
            ? List.of("runuser", "-u", "nobody", "--", pgbouncer.toString(), ini.toString())
            : List.of(pgbouncer.toString(), ini.toString());
    Process running = new ProcessBuilder(line).redirectErrorStream(true).start();
    try {
      StringBuilder said = new StringBuilder();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (!said.toString().contains("process up") && System.nanoTime() < end) {
        while (running.getInputStream().available() > 0) {
          said.append((char) running.getInputStream().read());
        }
        assertThat(running.isAlive() || said.toString().contains("process up"))
            .as("%s", said)
            .isTrue();
        Thread.sleep(20);
      }
      assertThat(said.toString()).contains("process up");
    } finally {
      running.descendants().forEach(ProcessHandle::destroy);
      running.destroy();
      running.waitFor(10, TimeUnit.SECONDS);
    }
  }
}
