/** A fleet's certificate authority, and the certificates by which its hosts know each other. */
@NullMarked
package io.pgfleet.deploy.certs;

import org.jspecify.annotations.NullMarked;
