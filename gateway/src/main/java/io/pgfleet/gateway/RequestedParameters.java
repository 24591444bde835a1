package io.pgfleet.gateway;

import java.util.Map;
import java.util.TreeMap;

/** The tracked parameters of a client's start-up packet, by lower-case names, as it wrote them. */
record RequestedParameters(Map<String, String> values) {
  /** None, or no longer needed. */
  static final RequestedParameters NONE = new RequestedParameters(Map.of());

  private static final String NAME = "application_name";

  RequestedParameters {
    values = Map.copyOf(values);
  }

  static RequestedParameters of(Map<String, String> startup) {
    return new RequestedParameters(SessionParameters.trackedAtStartup(startup));
  }

  /**
   * What the canonical forms depend on. A plain application_name is reported as it was given, so no
   * server is needed to tell what it comes to.
   */
  Map<String, String> formKey() {
    if (!hasPlainName()) {
      return values;
    }
    Map<String, String> rest = new TreeMap<>(values);
    rest.remove(NAME);
    return rest;
  }

  /** The parameters of another client with the same key, with this client's application_name. */
  SessionParameters named(SessionParameters form) {
    return hasPlainName() ? form.with(NAME, values.getOrDefault(NAME, "")) : form;
  }

  private boolean hasPlainName() {
    String name = values.get(NAME);
    return name != null && name.length() < 64 && name.chars().allMatch(c -> c >= 32 && c < 127);
  }
}
