package io.pgfleet.agent.server;

import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The value of {@code synchronous_standby_names} (PostgreSQL manual, 'Replication'). Without an
 * archive it is that of {@link SyncSet#standbyNames}. With one it is
 *
 * <pre>FIRST k + 1 (archive, nodes...)</pre>
 *
 * so the archive, which comes first, has each commit while it is connected, and k of the nodes have
 * it: k + 1 of them if the archive is not there. By {@code ANY k + 1} nodes alone could acknowledge
 * what the archive does not have.
 *
 * @param nodes who may be elected, as {@code SyncPlan} knows them
 * @param archives the others; one at most is written
 */
record SyncNames(SyncSet nodes, List<String> archives) {
  private static final Pattern FORM =
      Pattern.compile("\\s*(ANY|FIRST)\\s+(\\d{1,4})\\s*\\((.*)\\)\\s*");

  SyncNames {
    archives = List.copyOf(archives);
  }

  /** The value that has commits wait for both. */
  static String write(SyncSet nodes, Optional<String> archive) {
    if (archive.isEmpty()) {
      return nodes.standbyNames();
    }
    StringBuilder names = new StringBuilder("FIRST ").append(nodes.acknowledging() + 1);
    names.append(" (\"").append(archive.get()).append('"');
    nodes.members().forEach(node -> names.append(", \"").append(node.value()).append('"'));
    return names.append(')').toString();
  }

  /** What was written; nobody for a value of another form, which counts as protecting nothing. */
  static SyncNames parse(String value) {
    Matcher matcher = FORM.matcher(value);
    if (!matcher.matches()) {
      return new SyncNames(SyncSet.NONE, List.of());
    }
    TreeSet<NodeName> members = new TreeSet<>();
    List<String> archives = new ArrayList<>();
    for (String quoted : matcher.group(3).split(",", -1)) {
      String name = quoted.strip().replace("\"", "");
      if (name.startsWith(ArchiveStandby.nameOf(""))) {
        archives.add(name);
      } else {
        try {
          members.add(new NodeName(name));
        } catch (IllegalArgumentException e) {
          return new SyncNames(SyncSet.NONE, List.of());
        }
      }
    }
    boolean first = matcher.group(1).equals("FIRST");
    int nodes = Integer.parseInt(matcher.group(2)) - archives.size();
    boolean sound = first == (archives.size() == 1) && archives.size() < 2;
    if (!sound || nodes < (members.isEmpty() ? 0 : 1) || nodes > members.size()) {
      return new SyncNames(SyncSet.NONE, archives);
    }
    return new SyncNames(new SyncSet(members, nodes), archives);
  }
}
