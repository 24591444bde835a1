package io.pgfleet.gateway;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parameters that clients of a pool get at login, by what they asked for in their start-up
 * packets; learnt from servers, and forgotten when a fresh server has others.
 */
final class LoginForms {
  private static final int MOST = 100;

  private final Map<Map<String, String>, SessionParameters> forms = new HashMap<>();
  private @Nullable SessionParameters fresh;

  /** The parameters for a request, if a server has already said what they come to. */
  @Nullable SessionParameters find(Map<String, String> requested) {
    return forms.get(requested);
  }

  void learn(Map<String, String> requested, SessionParameters form) {
    if (forms.size() >= MOST) {
      forms.clear();
    }
    forms.put(requested, form);
  }

  /** A server was opened with these. */
  void opened(SessionParameters parameters) {
    if (!parameters.equals(fresh)) {
      forms.clear();
      fresh = parameters;
    }
  }
}
