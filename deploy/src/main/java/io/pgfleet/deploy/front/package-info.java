/** Configurations, made from fleet.yaml, of programs that others may want in front of a fleet. */
@NullMarked
package io.pgfleet.deploy.front;

import org.jspecify.annotations.NullMarked;
