@NullMarked
package io.pgfleet.wire.client;

import org.jspecify.annotations.NullMarked;
