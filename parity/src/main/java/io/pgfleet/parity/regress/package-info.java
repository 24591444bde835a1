/** PostgreSQL's own regression tests, run directly and through the gateway, and compared. */
@NullMarked
package io.pgfleet.parity.regress;

import org.jspecify.annotations.NullMarked;
