/**
 * What a fleet needs on its hosts before and beside its processes. Knows nothing of fleet.yaml;
 * writes files and nothing else.
 */
@NullMarked
package io.pgfleet.deploy;

import org.jspecify.annotations.NullMarked;
