package io.pgfleet.gateway.auth;

import io.pgfleet.gateway.auth.HbaRule.Addresses;
import io.pgfleet.gateway.auth.HbaRule.ClientCertificate;
import io.pgfleet.gateway.auth.HbaRule.Kind;
import io.pgfleet.gateway.auth.RuleText.Word;
import io.pgfleet.gateway.transport.Network;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads pg_hba.conf (PostgreSQL manual, 'The pg_hba.conf File') and collects all mistakes. */
final class HbaParser {
  private static final String METHODS =
      "The gateway knows scram-sha-256, md5, password, cert, peer, trust and reject.";

  private final String name;
  private final Optional<Path> folder;
  private final List<AuthProblem> problems = new ArrayList<>();
  private final List<HbaRule> rules = new ArrayList<>();

  private HbaParser(String name, Optional<Path> folder) {
    this.name = name;
    this.folder = folder;
  }

  static HbaRules parse(String name, String text, Optional<Path> folder) throws AuthFileException {
    HbaParser parser = new HbaParser(name, folder);
    for (RuleText.Line line : RuleText.lines(name, text, parser.problems)) {
      parser.rule(line);
    }
    if (parser.problems.isEmpty() && parser.rules.isEmpty()) {
      parser.problems.add(
          new AuthProblem(name, 0, 0, "it has no rule, so nobody could log in", "Add one."));
    }
    if (!parser.problems.isEmpty()) {
      throw new AuthFileException(parser.problems);
    }
    return new HbaRules(parser.rules);
  }

  private void problem(Word word, String message, String hint) {
    problems.add(RuleText.at(word, name, message, hint));
  }

  /** The one word of a field. */
  private Word single(List<Word> field, String what) {
    if (field.size() > 1) {
      problem(field.get(1), "more than one " + what, "Write a line for each.");
    }
    return field.getFirst();
  }

  private void rule(RuleText.Line line) {
    List<List<Word>> fields = line.fields();
    Word type = single(fields.getFirst(), "type of connection");
    Optional<Kind> kind = kind(type);
    if (kind.isEmpty()) {
      return;
    }
    int next = 1;
    if (missing(fields, next, type, "a database")) {
      return;
    }
    List<Word> databases = RuleText.included(fields.get(next++), name, folder, problems);
    if (missing(fields, next, type, "a user")) {
      return;
    }
    List<Word> users = RuleText.included(fields.get(next++), name, folder, problems);
    Addresses addresses = new Addresses.Everywhere();
    if (kind.get() != Kind.LOCAL) {
      if (missing(fields, next, type, "an address")) {
        return;
      }
      Word address = single(fields.get(next++), "address");
      boolean bare = !address.quoted() && Network.numeric(address.text()).isPresent();
      if (bare) {
        if (missing(fields, next, address, "the mask of the address")) {
          return;
        }
        Word mask = single(fields.get(next), "mask");
        addresses = masked(address, mask);
        // where the mask was forgotten, this is the method
        next += Network.numeric(mask.text()).isPresent() ? 1 : 0;
      } else {
        addresses = addresses(address);
      }
    }
    if (missing(fields, next, type, "a method")) {
      return;
    }
    Word methodWord = single(fields.get(next++), "method");
    Optional<AuthMethod> method = method(methodWord, kind.get());
    HbaOptions options = new HbaOptions(name, problems);
    for (List<Word> field : fields.subList(next, fields.size())) {
      field.forEach(options::read);
    }
    if (method.isPresent()) {
      options.check(methodWord, method.get(), kind.get());
      rules.add(
          new HbaRule(
              line.number(),
              kind.get(),
              Names.databases(databases, name, problems),
              Names.users(users, name, problems),
              addresses,
              method.get(),
              options.map(),
              method.get() == AuthMethod.CERT
                  ? ClientCertificate.VERIFY_FULL
                  : options.clientCertificate(),
              options.wholeName()));
    }
  }

  private boolean missing(List<List<Word>> fields, int index, Word before, String what) {
    if (index < fields.size()) {
      return false;
    }
    Word last = fields.getLast().getLast();
    problems.add(
        new AuthProblem(
            name,
            last.line(),
            last.column() + last.text().length(),
            "the line of \"" + before.text() + "\" ends where " + what + " is expected",
            "A line is: type database user [address] method [options]."));
    return true;
  }

  private Optional<Kind> kind(Word word) {
    switch (word.text()) {
      case "local" -> {
        return Optional.of(Kind.LOCAL);
      }
      case "host", "hostnogssenc" -> {
        return Optional.of(Kind.HOST);
      }
      case "hostssl" -> {
        return Optional.of(Kind.HOSTSSL);
      }
      case "hostnossl" -> {
        return Optional.of(Kind.HOSTNOSSL);
      }
      case "hostgssenc" ->
          problem(
              word, "the gateway has no GSSAPI encryption", "Use hostssl, or leave the line out.");
      case "include", "include_if_exists", "include_dir" ->
          problem(word, "lines of other files can't be included", "Copy them here.");
      default ->
          problem(
              word,
              "\"" + word.text() + "\" is no type of connection",
              "It is one of local, host, hostssl, hostnossl.");
    }
    return Optional.empty();
  }

  private Addresses addresses(Word word) {
    if (word.is("all")) {
      return new Addresses.Everywhere();
    }
    if (word.is("samehost")) {
      return new Addresses.SameHost();
    }
    if (word.is("samenet")) {
      return new Addresses.SameNet();
    }
    if (word.text().indexOf('/') > 0) {
      try {
        return new Addresses.Within(Network.parse(word.text()));
      } catch (IllegalArgumentException e) {
        problem(word, String.valueOf(e.getMessage()), "Write it as 192.168.0.0/16 or fd00::/8.");
        return new Addresses.Everywhere();
      }
    }
    problem(
        word,
        "\"" + word.text() + "\" is a host name, and who may log in must not hang on a name server",
        "Write the address: 192.168.0.1/32, or all, samehost, samenet.");
    return new Addresses.Everywhere();
  }

  private Addresses masked(Word word, Word maskWord) {
    Optional<InetAddress> address = Network.numeric(word.text());
    Optional<InetAddress> mask = Network.numeric(maskWord.text());
    if (mask.isEmpty()) {
      problem(
          maskWord,
          "\"" + maskWord.text() + "\" is no mask",
          "After an address without a slash comes one like 255.255.255.0.");
    } else if (address.isPresent()) {
      byte[] bytes = address.get().getAddress();
      byte[] maskBytes = mask.get().getAddress();
      if (bytes.length == maskBytes.length) {
        return new Addresses.Within(new Network(bytes, maskBytes));
      }
      problem(maskWord, "address and mask are of different families", "");
    }
    return new Addresses.Everywhere();
  }

  private Optional<AuthMethod> method(Word word, Kind kind) {
    String text = word.text();
    if (text.equals("ident") && kind == Kind.LOCAL) {
      // PostgreSQL reads it so, too
      return Optional.of(AuthMethod.PEER);
    }
    for (AuthMethod method : AuthMethod.values()) {
      if (method.word().equals(text)) {
        return Optional.of(method);
      }
    }
    switch (text) {
      case "gss", "sspi", "ident", "ldap", "radius", "pam", "bsd", "oauth" ->
          problem(word, "the gateway has no method " + text, METHODS);
      default -> problem(word, "\"" + text + "\" is no method", METHODS);
    }
    return Optional.empty();
  }
}
