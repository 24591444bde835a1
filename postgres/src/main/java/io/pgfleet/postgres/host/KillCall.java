package io.pgfleet.postgres.host;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The system's kill(2), called straight from Java. A shell that does the same costs tens of
 * milliseconds of a busy machine, and a failover sends several signals.
 */
final class KillCall {
  private static final Logger LOG = LoggerFactory.getLogger(KillCall.class);

  /** The numbers that are the same on Linux and the BSDs (signal(7)), macOS included. */
  private static final Map<String, Integer> NUMBERS =
      Map.of("HUP", 1, "INT", 2, "QUIT", 3, "KILL", 9, "TERM", 15);

  private static final Map<String, Integer> OF_LINUX = Map.of("USR1", 10, "CONT", 18, "STOP", 19);

  private static final @Nullable MethodHandle CALL = find();

  private KillCall() {}

  @SuppressWarnings("restricted") // the launcher grants native access
  private static @Nullable MethodHandle find() {
    try {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(
          linker.defaultLookup().find("kill").orElseThrow(),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    } catch (RuntimeException | LinkageError e) {
      LOG.debug("signals are sent by a shell: {}", e.toString());
      return null;
    }
  }

  /** Sends a signal; false if it was not sent, whatever the reason. */
  static boolean send(long pid, String signal) {
    MethodHandle call = CALL;
    Integer number = NUMBERS.get(signal);
    if (number == null && Processes.haveProc()) {
      number = OF_LINUX.get(signal);
    }
    // 0 and what is below mean groups of processes.
    if (call == null || number == null || pid <= 0 || pid > Integer.MAX_VALUE) {
      return false;
    }
    try {
      return (int) call.invokeExact((int) pid, (int) number) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("kill(2) can't be called", e);
    }
  }
}
