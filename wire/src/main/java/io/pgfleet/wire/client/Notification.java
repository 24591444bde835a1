package io.pgfleet.wire.client;

/**
 * What a NOTIFY sent.
 *
 * @param processId of the notifying backend
 * @param channel its name
 * @param payload empty if none was given
 */
public record Notification(int processId, String channel, String payload) {}
