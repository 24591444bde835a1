package io.pgfleet.gateway.auth;

import io.pgfleet.gateway.auth.HbaRule.ClientCertificate;
import io.pgfleet.gateway.auth.HbaRule.Kind;
import io.pgfleet.gateway.auth.RuleText.Word;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The {@code name=value} words at the end of a rule. */
final class HbaOptions {
  private final String file;
  private final List<AuthProblem> problems;
  private final Set<String> seen = new HashSet<>();
  private @Nullable Word mapWord;
  private @Nullable Word certificateWord;
  private @Nullable Word nameWord;
  private String map = "";
  private ClientCertificate clientCertificate = ClientCertificate.NOT_ASKED;
  private boolean wholeName;

  HbaOptions(String file, List<AuthProblem> problems) {
    this.file = file;
    this.problems = problems;
  }

  Optional<String> map() {
    return Optional.of(map).filter(text -> !text.isEmpty());
  }

  ClientCertificate clientCertificate() {
    return clientCertificate;
  }

  boolean wholeName() {
    return wholeName;
  }

  private void problem(Word word, String message, String hint) {
    problems.add(RuleText.at(word, file, message, hint));
  }

  void read(Word word) {
    int equals = word.text().indexOf('=');
    if (equals < 1) {
      problem(
          word,
          "\"" + word.text() + "\" is no option",
          "Options have the form name=value: map, clientcert, clientname.");
      return;
    }
    String name = word.text().substring(0, equals);
    String value = word.text().substring(equals + 1);
    if (!seen.add(name)) {
      problem(word, "the option " + name + " is given twice", "");
    }
    switch (name) {
      case "map" -> {
        map = value;
        mapWord = word;
        if (value.isEmpty()) {
          problem(word, "the option map names no map", "");
        }
      }
      case "clientcert" -> {
        certificateWord = word;
        switch (value) {
          case "verify-ca" -> clientCertificate = ClientCertificate.VERIFY_CA;
          case "verify-full" -> clientCertificate = ClientCertificate.VERIFY_FULL;
          default ->
              problem(
                  word,
                  "\"" + value + "\" is no value of clientcert",
                  "It is verify-ca or verify-full.");
        }
      }
      case "clientname" -> {
        nameWord = word;
        switch (value) {
          case "CN" -> wholeName = false;
          case "DN" -> wholeName = true;
          default ->
              problem(word, "\"" + value + "\" is no value of clientname", "It is CN or DN.");
        }
      }
      default ->
          problem(
              word,
              "the gateway has no option \"" + name + "\"",
              "It has map, clientcert and clientname.");
    }
  }

  /** Looks whether method, kind and options go together. */
  void check(Word methodWord, AuthMethod method, Kind kind) {
    if (method == AuthMethod.PEER && kind != Kind.LOCAL) {
      problem(methodWord, "peer is for lines of type local only", "");
    }
    if (method == AuthMethod.CERT && kind != Kind.HOSTSSL) {
      problem(methodWord, "cert is for lines of type hostssl only", "");
    }
    if (mapWord != null && method != AuthMethod.PEER && method != AuthMethod.CERT) {
      problem(mapWord, "map is for the methods peer and cert only", "");
    }
    if (certificateWord != null && kind != Kind.HOSTSSL) {
      problem(certificateWord, "clientcert is for lines of type hostssl only", "");
    }
    if (certificateWord != null
        && method == AuthMethod.CERT
        && clientCertificate != ClientCertificate.VERIFY_FULL) {
      problem(certificateWord, "the method cert always is clientcert=verify-full", "");
    }
    if (nameWord != null
        && method != AuthMethod.CERT
        && clientCertificate != ClientCertificate.VERIFY_FULL) {
      problem(nameWord, "clientname is for cert or clientcert=verify-full only", "");
    }
  }
}
