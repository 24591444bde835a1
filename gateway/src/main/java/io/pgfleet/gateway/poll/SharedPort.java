package io.pgfleet.gateway.poll;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.ServerSocketChannel;

/**
 * An address on which two processes listen at once (SO_REUSEPORT), for the time in which one hands
 * over to the other. The kernel deals new connections out to both; a program of one instruction,
 * attached to the address, has it give them all to the one that began later (socket(7),
 * SO_ATTACH_REUSEPORT_CBPF). So the older one can accept what it was given, and then close without
 * a connection that waits in its queue being reset.
 *
 * <p>Sockets are numbered in the order in which they began to listen; when the first one closes the
 * last takes its number. A number that no socket has makes the kernel choose by itself.
 */
public final class SharedPort {
  private static final int SOL_SOCKET = 1;
  private static final int SO_ATTACH_REUSEPORT_CBPF = 51;

  /** BPF_RET | BPF_K: return a constant. */
  private static final short RETURN_CONSTANT = 0x06;

  private static final int SECOND = 1;
  private static final int INSTRUCTION_SIZE = 8;
  private static final int PROGRAM_SIZE = 16;
  private static final int INSTRUCTIONS_AT = 8;

  private SharedPort() {}

  /**
   * Has new connections go to the second of two sockets on the address.
   *
   * @return whether they do; if not, the kernel goes on to deal them out to both
   */
  @SuppressWarnings("restricted") // the launcher grants native access
  public static boolean leaveToSecond(ServerSocketChannel channel) {
    if (!Epoll.available()) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      Linker linker = Linker.nativeLinker();
      MethodHandle setsockopt =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("setsockopt"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT));
      MemorySegment instruction = arena.allocate(INSTRUCTION_SIZE, INSTRUCTION_SIZE);
      instruction.set(ValueLayout.JAVA_SHORT, 0, RETURN_CONSTANT);
      instruction.set(ValueLayout.JAVA_INT, Integer.BYTES, SECOND);
      MemorySegment program = arena.allocate(PROGRAM_SIZE, INSTRUCTION_SIZE);
      program.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
      program.set(ValueLayout.ADDRESS, INSTRUCTIONS_AT, instruction);
      int socket = Epoll.descriptor(channel);
      int answer =
          (int)
              setsockopt.invokeExact(
                  socket, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program, PROGRAM_SIZE);
      return answer == 0;
    } catch (IOException e) {
      return false;
    } catch (Throwable e) {
      if (e instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e);
    }
  }
}
