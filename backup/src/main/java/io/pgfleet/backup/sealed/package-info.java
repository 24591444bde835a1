/**
 * An object as it lies in a repository: compressed, encrypted, and with a checksum over every byte.
 */
@NullMarked
package io.pgfleet.backup.sealed;

import org.jspecify.annotations.NullMarked;
