/**
 * Where statements that only read may go: which functions only read, how far standbys have come,
 * and which of them may serve whom.
 */
@NullMarked
package io.pgfleet.gateway.route;

import org.jspecify.annotations.NullMarked;
