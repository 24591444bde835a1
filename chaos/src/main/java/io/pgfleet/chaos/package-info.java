/**
 * The command, and a run from its beginning to its verdict. Uses all packages below it; nothing
 * uses this one.
 */
@NullMarked
package io.pgfleet.chaos;

import org.jspecify.annotations.NullMarked;
