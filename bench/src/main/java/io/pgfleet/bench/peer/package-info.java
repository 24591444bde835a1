/**
 * What can stand between a client and a server in a measurement: other people's programs with
 * settings and files of their own, our gateway as a process of its own, or nothing.
 */
@NullMarked
package io.pgfleet.bench.peer;

import org.jspecify.annotations.NullMarked;
