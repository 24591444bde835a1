@NullMarked
package io.pgfleet.agent.checks;

import org.jspecify.annotations.NullMarked;
