/**
 * Fixtures for the tests of all other modules: real throw-away servers, free ports, a proxy that
 * does harm. In test scope only.
 */
@NullMarked
package io.pgfleet.testkit;

import org.jspecify.annotations.NullMarked;
