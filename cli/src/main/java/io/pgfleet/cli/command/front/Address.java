package io.pgfleet.cli.command.front;

import io.pgfleet.spec.HostPort;
import java.net.InetAddress;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A host, and a port unless it goes without saying, as an option of a command has them. */
record Address(String host, OptionalInt port) {
  /** An IPv6 address stands in brackets where a port follows. */
  private static final Pattern FORM =
      Pattern.compile(
          "\\[(?<bracketed>[^\\]]+)](:(?<after>\\d{1,5}))?"
              + "|(?<host>[^:\\[\\]]+)(:(?<port>\\d{1,5}))?"
              + "|(?<bare>[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)");

  /** The address, with this port if it has none of its own. */
  HostPort or(int usual) {
    return new HostPort(host, port.orElse(usual));
  }

  /** Reads it from the command line. */
  static final class Converter implements ITypeConverter<Address> {
    /** For picocli. */
    Converter() {}

    @Override
    public Address convert(String text) {
      Matcher matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        throw refused(text);
      }
      String host = first(matcher, "bracketed", "host", "bare");
      String port = first(matcher, "after", "port");
      Address address =
          new Address(
              host, port.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(port)));
      try {
        return checked(address);
      } catch (IllegalArgumentException e) {
        throw refused(text);
      }
    }

    private static TypeConversionException refused(String text) {
      return new TypeConversionException("'" + text + "' is not HOST, HOST:PORT or [IPV6]:PORT");
    }

    private static Address checked(Address address) {
      var _ = address.or(1);
      if (address.host().indexOf(':') >= 0) {
        var _ = InetAddress.ofLiteral(address.host());
      }
      return address;
    }

    private static String first(Matcher matcher, String... groups) {
      for (String group : groups) {
        String found = matcher.group(group);
        if (found != null) {
          return found;
        }
      }
      return "";
    }
  }
}
