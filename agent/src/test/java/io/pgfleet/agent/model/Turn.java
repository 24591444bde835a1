package io.pgfleet.agent.model;

import io.pgfleet.agent.model.Steps.Sink;

/** One agent at its round, what it has read for it, and where its steps go. */
record Turn(State state, int n, View view, Sink sink) {
  Node node() {
    return state.nodes[n];
  }
}
