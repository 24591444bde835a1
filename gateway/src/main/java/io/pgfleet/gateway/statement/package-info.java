/** What the gateway knows of SQL text and of prepared statements. Pure. */
@NullMarked
package io.pgfleet.gateway.statement;

import org.jspecify.annotations.NullMarked;
