package io.pgfleet.backup.drill;

/**
 * A question of the user's own to a restored server.
 *
 * @param name of the check
 * @param database to ask it in
 * @param query whose only value is true if all is well
 */
public record DrillCheck(String name, String database, String query) {}
