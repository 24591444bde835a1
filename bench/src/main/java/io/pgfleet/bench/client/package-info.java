/**
 * A client that costs next to nothing, so that a measurement measures the other side: logs in, asks
 * fixed questions, and counts the bytes of the answers.
 */
@NullMarked
package io.pgfleet.bench.client;

import org.jspecify.annotations.NullMarked;
