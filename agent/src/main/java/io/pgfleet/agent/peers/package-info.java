/** How the agents of a group ask each other where the consensus servers do not answer. */
@NullMarked
package io.pgfleet.agent.peers;

import org.jspecify.annotations.NullMarked;
