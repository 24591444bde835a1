/**
 * What a fleet needs on its hosts before and beside its processes. Reads nothing but what it is
 * given; writes files and nothing else.
 */
@NullMarked
package io.pgfleet.deploy;

import org.jspecify.annotations.NullMarked;
