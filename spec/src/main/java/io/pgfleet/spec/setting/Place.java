package io.pgfleet.spec.setting;

import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Where a value stands: its path of keys, the position of its key and of itself, the advice that
 * its setting gives to whoever got it wrong, and whether it is secret.
 */
public record Place(
    Reading reading,
    String path,
    Position key,
    Position value,
    Optional<String> advice,
    boolean secret) {

  /** Reports that the value is wrong, with the setting's own advice. */
  public void refuse(String message) {
    reading.add(new Problem(value, path, message, advice));
  }

  /** Reports that the value is wrong, and what to do. */
  public void refuse(String message, String hint) {
    reading.add(new Problem(value, path, message, Optional.of(hint)));
  }

  /** Reports that the key is wrong or lacks something, and what to do. */
  public void refuseKey(String message, String hint) {
    reading.add(new Problem(key, path, message, Optional.of(hint)));
  }

  /** The last key of the path; empty at the top. */
  public String name() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  Place child(String name, Node key, Node value) {
    return new Place(
        reading,
        pathTo(name),
        Nodes.position(key),
        Nodes.position(value),
        Optional.empty(),
        secret);
  }

  /** A value that is not in the text but follows from this one. */
  Place implied(String name) {
    return new Place(reading, pathTo(name), key, value, Optional.empty(), secret);
  }

  Place item(int index, Node node) {
    Position at = Nodes.position(node);
    return new Place(reading, path + "[" + index + "]", at, at, advice, secret);
  }

  Place of(Setting<?> setting) {
    return new Place(reading, path, key, value, setting.advice(), secret || setting.secret());
  }

  /** What was found in place of the expected value, in words. */
  String found(Node node) {
    return secret && node instanceof ScalarNode ? "the secret itself" : Nodes.found(node);
  }

  /** A piece of the value for an error. */
  String shown(String text) {
    return secret ? "..." : Nodes.shown(text);
  }

  /** Keeps the node's text out of what is shown of the file. */
  void hide(Node node) {
    reading.hide(Nodes.position(node), Position.of(node.getEndMark()));
  }

  private String pathTo(String name) {
    String shown = Nodes.shown(name);
    return path.isEmpty() ? shown : path + "." + shown;
  }
}
