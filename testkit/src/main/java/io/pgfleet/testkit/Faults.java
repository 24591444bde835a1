package io.pgfleet.testkit;

import java.time.Duration;
import java.util.function.UnaryOperator;

/** What happens to the bytes of one direction; none at first. May be changed at any moment. */
public final class Faults {
  private Duration delay = Duration.ZERO;
  private boolean frozen;
  private UnaryOperator<byte[]> change = UnaryOperator.identity();

  Faults() {}

  /** Every byte arrives this much later; the rate is not changed. */
  public synchronized void delay(Duration by) {
    delay = by;
  }

  /** No byte arrives; connections stay open. */
  public synchronized void freeze() {
    frozen = true;
  }

  /**
   * Each piece of bytes, as it was read, is replaced by another; an empty one is dropped.
   *
   * @param with given a piece that it may change
   */
  public synchronized void change(UnaryOperator<byte[]> with) {
    change = with;
  }

  /** Inverts one byte of every piece. */
  public void corrupt() {
    change(piece -> {
      piece[piece.length / 2] ^= (byte) 0xFF;
      return piece;
    });
  }

  /** Ends all faults; what was frozen goes on its way. */
  public synchronized void heal() {
    delay = Duration.ZERO;
    frozen = false;
    change = UnaryOperator.identity();
    notifyAll();
  }

  /** Waits as a piece must that was read at a time; then the piece as it is to arrive. */
  synchronized byte[] pass(byte[] piece, long readNanos) throws InterruptedException {
    while (true) {
      if (frozen) {
        wait();
        continue;
      }
      long left = readNanos + delay.toNanos() - System.nanoTime();
      if (left <= 0) {
        return change.apply(piece);
      }
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
  }
}
