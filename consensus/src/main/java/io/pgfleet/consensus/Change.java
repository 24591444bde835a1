package io.pgfleet.consensus;

import java.util.Arrays;
import java.util.Objects;

/** One step of an atomic {@link Agreement#commit commit}. */
public sealed interface Change {
  /** The entry it looks at. */
  String path();

  /** Changes nothing, but lets the commit fail unless the entry has this version. */
  record Check(String path, int expectedVersion) implements Change {
    /** Checks the version. */
    public Check {
      requireVersion(path, expectedVersion);
    }
  }

  /** Fails if the entry is there. */
  record Create(String path, byte[] data, Lifetime lifetime) implements Change {
    /** Copies the data. */
    public Create {
      Objects.requireNonNull(path);
      Objects.requireNonNull(lifetime);
      data = data.clone();
    }

    /** A copy of the data. */
    @Override
    public byte[] data() {
      return data.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Create that
          && path.equals(that.path)
          && lifetime == that.lifetime
          && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
      return Objects.hash(path, lifetime, Arrays.hashCode(data));
    }

    /** Without the data, which may be secret. */
    @Override
    public String toString() {
      return "Create " + path + " (" + lifetime + ")";
    }
  }

  /** Fails unless the entry has this version. */
  record Set(String path, byte[] data, int expectedVersion) implements Change {
    /** Copies the data. */
    public Set {
      requireVersion(path, expectedVersion);
      data = data.clone();
    }

    /** A copy of the data. */
    @Override
    public byte[] data() {
      return data.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Set that
          && path.equals(that.path)
          && expectedVersion == that.expectedVersion
          && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
      return Objects.hash(path, expectedVersion, Arrays.hashCode(data));
    }

    /** Without the data, which may be secret. */
    @Override
    public String toString() {
      return "Set " + path + "@" + expectedVersion;
    }
  }

  /** Fails unless the entry has this version and no children. */
  record Delete(String path, int expectedVersion) implements Change {
    /** Checks the version. */
    public Delete {
      requireVersion(path, expectedVersion);
    }
  }

  private static void requireVersion(String path, int version) {
    Objects.requireNonNull(path);
    if (version < 0) {
      throw new IllegalArgumentException("a version is 0 or more, not " + version + ": " + path);
    }
  }
}
