/** Where a repository's objects lie: a folder, or a store of objects. It knows names and bytes. */
@NullMarked
package io.pgfleet.backup.store;

import org.jspecify.annotations.NullMarked;
