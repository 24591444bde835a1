/** Who may log in, from where and how: pg_hba.conf and pg_ident.conf, and limits on trying. */
@NullMarked
package io.pgfleet.gateway.auth;

import org.jspecify.annotations.NullMarked;
