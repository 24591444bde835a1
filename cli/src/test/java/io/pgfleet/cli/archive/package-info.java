@NullMarked
package io.pgfleet.cli.archive;

import org.jspecify.annotations.NullMarked;
