package io.pgfleet.agent.server;

import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

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
 * <p>Where no commit may do without the archive only k of the nodes are named, so that all who are
 * named are needed. The others are written with a hyphen before their names, which is nobody's
 * name: what was written still tells all who may be elected.
 *
 * @param nodes who may be elected, as {@code SyncPlan} knows them
 * @param archives the others; one at most is written
 */
record SyncNames(SyncSet nodes, List<String> archives) {
  private static final Pattern FORM =
      Pattern.compile("\\s*(ANY|FIRST)\\s+(\\d{1,4})\\s*\\((.*)\\)\\s*");

  /** Before the name of a node that is not waited for. */
  private static final String NOBODY = "-";

  SyncNames {
    archives = List.copyOf(archives);
  }

  /**
   * An archive that is waited for.
   *
   * @param name of its archiver
   * @param always whether no commit may do without
   * @param streaming the nodes that stream, of which the first are waited for in that case
   */
  record Archive(String name, boolean always, Set<NodeName> streaming) {
    Archive {
      streaming = Set.copyOf(streaming);
    }

    /** Those whose word counts. */
    private Set<NodeName> counted(SyncSet nodes) {
      return always
          ? nodes.members().stream()
              .sorted(
                  Comparator.comparing((NodeName node) -> !streaming.contains(node))
                      .thenComparing(Comparator.naturalOrder()))
              .limit(nodes.acknowledging())
              .collect(Collectors.toSet())
          : nodes.members();
    }
  }

  /** The value that has commits wait for both. */
  static String write(SyncSet nodes, Optional<Archive> archive) {
    if (archive.isEmpty()) {
      return nodes.standbyNames();
    }
    Set<NodeName> counted = archive.get().counted(nodes);
    StringBuilder names = new StringBuilder("FIRST ").append(nodes.acknowledging() + 1);
    names.append(" (\"").append(archive.get().name()).append('"');
    for (NodeName node : nodes.members()) {
      names.append(", \"").append(counted.contains(node) ? "" : NOBODY);
      names.append(node.value()).append('"');
    }
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
          members.add(new NodeName(name.startsWith(NOBODY) ? name.substring(1) : name));
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
