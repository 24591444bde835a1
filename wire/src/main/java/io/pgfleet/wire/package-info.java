/**
 * PostgreSQL's frontend/backend protocol, version 3: its constants, its values and its errors. It
 * opens no socket; {@code io.pgfleet.wire.client} does. Any module may use it, it uses none.
 */
@NullMarked
package io.pgfleet.wire;

import org.jspecify.annotations.NullMarked;
