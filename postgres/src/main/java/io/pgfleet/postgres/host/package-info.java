/**
 * What the machine gives to a server: the user it runs as, processes, ports, durable files. The
 * lowest package of this module; it uses none of the others.
 */
@NullMarked
package io.pgfleet.postgres.host;

import org.jspecify.annotations.NullMarked;
