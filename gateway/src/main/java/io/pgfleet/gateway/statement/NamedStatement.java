package io.pgfleet.gateway.statement;

/** A client's own name for a statement. */
public record NamedStatement(ByteKey name, Statement statement) {}
