/** Reads haproxy.cfg. */
@NullMarked
package io.pgfleet.migrate.haproxy;

import org.jspecify.annotations.NullMarked;
