package io.pgfleet.spec;

import io.pgfleet.spec.setting.Text;
import io.pgfleet.spec.setting.Whole;

/** The kinds of value that several sections share. */
final class Forms {
  static final Text HOST =
      new Text(
          "a host name or address",
          HostPort.HOST_FORM,
          "write a name such as db1.example.org, or an address such as 10.0.0.5 or fd00::5");
  static final Whole PORT = new Whole("a port", 1, 65_535);
  static final Text ROLE =
      new Text(
          "a user name",
          "(?!pg_)[a-z_][a-z0-9_-]{0,62}",
          "a user name has lower-case letters, digits, _ and -, at most 63, begins with a letter"
              + " or _, and not with pg_");

  static final Text NODE =
      new Text(
          "a node name",
          NodeName.FORM,
          "a node name has lower-case letters, digits and _, at most 40, and begins with a letter");

  private Forms() {}
}
