package io.pgfleet.cli.command.backup;

/** Something that is done if Ctrl-C or a signal ends the program before this is closed. */
final class AtShutdown implements AutoCloseable {
  private final Thread hook;

  AtShutdown(Runnable work) {
    this.hook = Thread.ofPlatform().unstarted(work);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is on its way down: that was it.
    }
  }
}
