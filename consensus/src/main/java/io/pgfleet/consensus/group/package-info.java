/**
 * What the nodes of one group have agreed on, as records, and where they keep it. Agents write it;
 * gateways and commands read it.
 */
@NullMarked
package io.pgfleet.consensus.group;

import org.jspecify.annotations.NullMarked;
