package io.pgfleet.spec;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One node: one PostgreSQL server beside one agent. The address is the server's own; the region is
 * any word, compared for equality; the data folder is absolute, and absent where pgfleet chooses
 * it.
 */
public record NodeSpec(NodeName name, HostPort address, String region, Optional<Path> data) {}
