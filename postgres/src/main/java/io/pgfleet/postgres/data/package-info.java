/** What a PostgreSQL data folder says about itself, read without a server. */
@NullMarked
package io.pgfleet.postgres.data;

import org.jspecify.annotations.NullMarked;
