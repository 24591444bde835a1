@NullMarked
package io.pgfleet.cli.command;

import org.jspecify.annotations.NullMarked;
