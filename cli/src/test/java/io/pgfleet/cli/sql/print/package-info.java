@NullMarked
package io.pgfleet.cli.sql.print;

import org.jspecify.annotations.NullMarked;
