/** PostgreSQL's programs on this machine: the embedded ones unpacked, or those installed. */
@NullMarked
package io.pgfleet.postgres.install;

import org.jspecify.annotations.NullMarked;
