package io.pgfleet.deploy.systemd;

/** One unit file: its name, and its text. */
public record Unit(String name, String text) {}
