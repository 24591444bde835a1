package io.pgfleet.agent.sim;

/** One process of a server, which reads a changed configuration in its own time. */
class Reader {
  private Config config;

  Reader(Config config) {
    this.config = config;
  }

  final Config config() {
    return config;
  }

  final void read(Config changed) {
    if (changed.edition() > config.edition()) {
      config = changed;
    }
  }
}
