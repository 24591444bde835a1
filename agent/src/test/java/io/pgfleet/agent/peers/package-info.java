@NullMarked
package io.pgfleet.agent.peers;

import org.jspecify.annotations.NullMarked;
