/**
 * An agent's hands on a real PostgreSQL server: what {@link io.pgfleet.agent.NodeServer} means in
 * statements, files and signals.
 */
@NullMarked
package io.pgfleet.agent.server;

import org.jspecify.annotations.NullMarked;
