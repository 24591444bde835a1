package io.pgfleet.spec.setting;

import java.util.Optional;

/** One thing wrong in the text: where, under which key (empty if none), what, and what to do. */
public record Problem(Position at, String path, String message, Optional<String> hint) {}
