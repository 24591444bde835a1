package io.pgfleet.wire.scram;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** A comma-separated list of {@code key=value} attributes (RFC 5802 section 5.1). */
record ScramMessage(Map<Character, String> attributes) {
  static ScramMessage parse(String text) throws ScramException {
    Map<Character, String> attributes = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      if (part.length() < 2 || part.charAt(1) != '=') {
        throw new ScramException("malformed SCRAM message");
      }
      if (attributes.put(part.charAt(0), part.substring(2)) != null) {
        throw new ScramException("SCRAM attribute given twice");
      }
    }
    return new ScramMessage(attributes);
  }

  String required(char key) throws ScramException {
    String value = attributes.get(key);
    if (value == null) {
      throw new ScramException("SCRAM attribute '" + key + "' is missing");
    }
    return value;
  }

  int requiredInt(char key) throws ScramException {
    try {
      return Integer.parseInt(required(key));
    } catch (NumberFormatException e) {
      throw new ScramException("SCRAM attribute '" + key + "' is not a number");
    }
  }

  byte[] requiredBytes(char key) throws ScramException {
    try {
      return Base64.getDecoder().decode(required(key));
    } catch (IllegalArgumentException e) {
      throw new ScramException("SCRAM attribute '" + key + "' is not base64");
    }
  }
}
