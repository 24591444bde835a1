/** Service units for systemd. */
@NullMarked
package io.pgfleet.deploy.systemd;

import org.jspecify.annotations.NullMarked;
