package io.pgfleet.wire.client;

/**
 * The head of a COPY.
 *
 * @param binary whether the whole is in the binary format
 * @param columns how many columns a row has; 0 for a base backup
 */
public record CopyFormat(boolean binary, int columns) {}
