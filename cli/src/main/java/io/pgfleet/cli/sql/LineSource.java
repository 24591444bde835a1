package io.pgfleet.cli.sql;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Lines of SQL: a file, standard input, or what is typed. */
interface LineSource {
  /**
   * The next line without its line feed, or null at the end.
   *
   * @param pending whether a statement has begun
   */
  @Nullable String next(boolean pending) throws IOException;

  /** A line of COPY data, or null at the end. */
  @Nullable String nextData() throws IOException;

  /** How errors name it; null for none. */
  @Nullable String name();

  /** The folder that {@code \ir} starts from. */
  Path folder();

  /** Lines of a reader. */
  static LineSource of(BufferedReader reader, @Nullable String name, Path folder) {
    return new LineSource() {
      @Override
      public @Nullable String next(boolean pending) throws IOException {
        return reader.readLine();
      }

      @Override
      public @Nullable String nextData() throws IOException {
        return reader.readLine();
      }

      @Override
      public @Nullable String name() {
        return name;
      }

      @Override
      public Path folder() {
        return folder;
      }
    };
  }
}
