/** What has the look of a server's data. */
@NullMarked
package io.pgfleet.agent.server;

import org.jspecify.annotations.NullMarked;
