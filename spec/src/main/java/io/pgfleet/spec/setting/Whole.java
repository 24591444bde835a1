package io.pgfleet.spec.setting;

import java.math.BigInteger;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A whole number of something (named with its article), both bounds included. */
public record Whole(String noun, int least, int most) implements Kind<Integer> {
  @Override
  public String expectation() {
    return least == most ? noun + ", " + least : noun + " from " + least + " to " + most;
  }

  @Override
  public Optional<Integer> read(Place place, Node node) {
    Optional<String> digits = Nodes.scalar(node, Tag.INT);
    if (digits.isPresent()) {
      BigInteger number = number(digits.get());
      if (number.compareTo(BigInteger.valueOf(least)) >= 0
          && number.compareTo(BigInteger.valueOf(most)) <= 0) {
        return Optional.of(number.intValueExact());
      }
      place.refuse(Nodes.shown(digits.get()) + " is out of range, expected " + expectation());
      return Optional.empty();
    }
    Optional<String> quoted = Nodes.scalar(node, Tag.STR).filter(s -> s.matches("[0-9]{1,9}"));
    if (quoted.isPresent()) {
      place.refuse(
          "expected " + expectation() + ", found " + Nodes.found(node),
          "write it without quotes: " + quoted.get());
      return Optional.empty();
    }
    return mistyped(place, node);
  }

  /** Integers of YAML 1.2's core schema: decimal with a sign, 0o octal, 0x hexadecimal. */
  private static BigInteger number(String text) {
    if (text.length() > 100) {
      return BigInteger.ONE.shiftLeft(64);
    }
    if (text.startsWith("0o")) {
      return new BigInteger(text.substring(2), 8);
    }
    return text.startsWith("0x") ? new BigInteger(text.substring(2), 16) : new BigInteger(text);
  }

  @Override
  public String shown(Integer value) {
    return value.toString();
  }
}
