@NullMarked
package io.pgfleet.cli.sql;

import org.jspecify.annotations.NullMarked;
