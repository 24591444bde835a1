package io.pgfleet.cli.sql;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Why a file could not be used, in words. */
final class Failures {
  private Failures() {}

  static @Nullable String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "no such file or folder";
      case AccessDeniedException denied -> "permission denied";
      case CharacterCodingException malformed -> "the text is not UTF-8";
      default -> e.getMessage();
    };
  }
}
