package io.pgfleet.backup.logical;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** How the files of an export are compressed. */
public enum Compression {
  /** Not at all. */
  NONE(""),
  /** As gzip does. */
  GZIP(".gz"),
  /** As zstd does. */
  ZSTD(".zst");

  private static final int BUFFER = 64 * 1024;

  private final String suffix;

  Compression(String suffix) {
    this.suffix = suffix;
  }

  /** What a file's name ends with. */
  String suffix() {
    return suffix;
  }

  OutputStream into(OutputStream file) throws IOException {
    return switch (this) {
      case NONE -> file;
      case GZIP -> new GZIPOutputStream(file, BUFFER);
      case ZSTD -> new ZstdOutputStream(file);
    };
  }

  InputStream from(InputStream file) throws IOException {
    return switch (this) {
      case NONE -> file;
      case GZIP -> new GZIPInputStream(file, BUFFER);
      case ZSTD -> new ZstdInputStream(file);
    };
  }
}
