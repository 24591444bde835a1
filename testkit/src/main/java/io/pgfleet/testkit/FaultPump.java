package io.pgfleet.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * One direction of a proxied connection: a thread that reads and one that writes, with a bounded
 * queue between them, so that a delay does not slow the stream down.
 */
final class FaultPump {
  private static final int PIECE = 16 * 1024;
  private static final int PIECES = 1024;
  private static final Piece LAST = new Piece(new byte[0], 0);

  private final Socket from;
  private final Socket to;
  private final Faults faults;
  private final Runnable end;
  private final BlockingQueue<Piece> queue = new ArrayBlockingQueue<>(PIECES);

  FaultPump(Socket from, Socket to, Faults faults, Runnable end) {
    this.from = from;
    this.to = to;
    this.faults = faults;
    this.end = end;
  }

  private record Piece(byte[] bytes, long readNanos) {
    /** A read gives at least one byte, so an empty piece stands for the end. */
    boolean isLast() {
      return bytes.length == 0;
    }
  }

  void start() {
    Thread writer = Thread.ofVirtual().name("fault-proxy-write").start(this::write);
    Thread.ofVirtual().name("fault-proxy-read").start(() -> read(writer));
  }

  private void read(Thread writer) {
    try (InputStream in = from.getInputStream()) {
      byte[] buffer = new byte[PIECE];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        queue.put(new Piece(Arrays.copyOf(buffer, count), System.nanoTime()));
      }
      queue.put(LAST);
    } catch (IOException e) {
      end.run();
      writer.interrupt();
    } catch (InterruptedException e) {
      end.run();
    }
  }

  private void write() {
    try {
      OutputStream out = to.getOutputStream();
      for (Piece piece = queue.take(); !piece.isLast(); piece = queue.take()) {
        out.write(faults.pass(piece.bytes(), piece.readNanos()));
      }
      end.run();
    } catch (IOException | InterruptedException e) {
      end.run();
    }
  }
}
