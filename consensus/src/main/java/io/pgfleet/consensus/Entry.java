package io.pgfleet.consensus;

import java.util.Arrays;
import java.util.Objects;

/**
 * One value of the agreed state as it was when read.
 *
 * @param path where it stands, from the root of the fleet's tree: {@code /groups/main/lease}
 * @param data its bytes; empty where the entry only holds children
 * @param version counts the changes of its data: 0 when created, one more with each set
 * @param lifetime whether it ends with a session
 * @param ours whether it ends with the session that read it; never true for a persistent entry
 */
public record Entry(String path, byte[] data, int version, Lifetime lifetime, boolean ours) {
  /** Copies the data. */
  public Entry {
    Objects.requireNonNull(path);
    Objects.requireNonNull(lifetime);
    data = data.clone();
    if (ours && lifetime == Lifetime.PERSISTENT) {
      throw new IllegalArgumentException("a persistent entry belongs to no session: " + path);
    }
  }

  /** A copy of the data. */
  @Override
  public byte[] data() {
    return data.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Entry that
        && path.equals(that.path)
        && Arrays.equals(data, that.data)
        && version == that.version
        && lifetime == that.lifetime
        && ours == that.ours;
  }

  @Override
  public int hashCode() {
    return Objects.hash(path, Arrays.hashCode(data), version, lifetime, ours);
  }

  /** Without the data, which may be secret. */
  @Override
  public String toString() {
    return path
        + "@"
        + version
        + " ("
        + lifetime
        + (ours ? ", ours, " : ", ")
        + data.length
        + " bytes)";
  }
}
