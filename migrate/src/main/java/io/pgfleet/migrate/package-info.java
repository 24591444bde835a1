/**
 * Turns files of other programs into fleet.yaml, and says of each line what became of it. Reads
 * files and nothing else.
 */
@NullMarked
package io.pgfleet.migrate;

import org.jspecify.annotations.NullMarked;
