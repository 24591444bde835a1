/** The program {@code pgfleet}: its commands, and what joins the roles into one process. */
@NullMarked
package io.pgfleet.cli;

import org.jspecify.annotations.NullMarked;
