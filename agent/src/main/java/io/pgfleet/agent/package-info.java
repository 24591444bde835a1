/**
 * What stands beside each PostgreSQL server: it observes, decides, and acts, in that order, on one
 * thread. Commands and the {@code up} program start it.
 */
@NullMarked
package io.pgfleet.agent;

import org.jspecify.annotations.NullMarked;
