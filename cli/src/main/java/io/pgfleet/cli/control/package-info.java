/** How short commands talk to the running program: a line of JSON over a Unix-domain socket. */
@NullMarked
package io.pgfleet.cli.control;

import org.jspecify.annotations.NullMarked;
