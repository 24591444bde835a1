/**
 * SCRAM-SHA-256 for both ends of a connection (RFC 5802, RFC 7677; PostgreSQL manual, 'SASL
 * Authentication'). Pure: bytes in, bytes out.
 */
@NullMarked
package io.pgfleet.wire.scram;

import org.jspecify.annotations.NullMarked;
