/** Where the verifiers of users come from. */
@NullMarked
package io.pgfleet.gateway.login;

import org.jspecify.annotations.NullMarked;
