package io.pgfleet.agent.server;

import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the value of {@code synchronous_standby_names} that {@link SyncSet#standbyNames} wrote. */
final class SyncNames {
  private static final Pattern ANY = Pattern.compile("\\s*ANY\\s+(\\d{1,4})\\s*\\((.*)\\)\\s*");

  private SyncNames() {}

  /** The set, or none for a value of another form, which then counts as protecting nothing. */
  static SyncSet parse(String value) {
    Matcher matcher = ANY.matcher(value);
    if (!matcher.matches()) {
      return SyncSet.NONE;
    }
    try {
      Set<NodeName> members = new TreeSet<>();
      for (String name : matcher.group(2).split(",", -1)) {
        members.add(new NodeName(name.strip().replace("\"", "")));
      }
      return new SyncSet(new TreeSet<>(members), Integer.parseInt(matcher.group(1)));
    } catch (IllegalArgumentException e) {
      return SyncSet.NONE;
    }
  }
}
