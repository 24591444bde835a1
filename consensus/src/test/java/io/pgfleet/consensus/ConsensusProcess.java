package io.pgfleet.consensus;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** A JVM of its own with an embedded server, to be killed by a test. */
final class ConsensusProcess {
  private ConsensusProcess() {}

  static Process start(Path folder, int port) throws Exception {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                ConsensusProcess.class.getName(),
                folder.toString(),
                Integer.toString(port))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (process.getInputStream().read() != 'r') {
      process.destroyForcibly();
      throw new IllegalStateException("the server's process did not start");
    }
    return process;
  }

  public static void main(String[] args) throws Exception {
    EmbeddedConsensus.start(
        Path.of(args[0]),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1])),
        Fixture.SESSION);
    System.out.print('r');
    System.out.flush();
    // Ends with the test's JVM, too.
    while (System.in.read() >= 0) {}
    System.exit(0);
  }
}
