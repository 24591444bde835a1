package io.pgfleet.spec;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Writes a node into the text of a {@code fleet.yaml}, or takes one out of it, and leaves every
 * other line as the user wrote it, comments and layout included.
 *
 * <p>The result is read again and compared: what is not exactly the wanted change is refused.
 */
public final class FleetEdit {
  private static final String HINT = "edit the nodes by hand, and call it again";

  private final String text;
  private final Path file;
  private final FleetSpec before;

  private FleetEdit(String text, Path file) throws SpecException {
    this.text = text;
    this.file = file;
    this.before = FleetFile.parse(text, file);
  }

  /**
   * The text with one more node, the last of its group.
   *
   * @param text of a sound file; may be empty
   * @param file where it comes from
   * @throws SpecException if the file is wrong before or after, or its layout is beyond this
   */
  public static String with(String text, Path file, NewNode node) throws SpecException {
    FleetEdit edit = new FleetEdit(text, file);
    String after = edit.insert(edit.expanded(), node);
    edit.check(after, edit.names(Optional.of(node.name()), Optional.empty()), node.name());
    return after;
  }

  /**
   * The text without a node. Where the ports of others followed from their places, they are written
   * out as they were.
   *
   * @throws SpecException as {@link #with}
   */
  public static String without(String text, Path file, NodeName node) throws SpecException {
    FleetEdit edit = new FleetEdit(text, file);
    String after = edit.delete(edit.withPorts(edit.expanded(), node), node);
    edit.check(after, edit.names(Optional.empty(), Optional.of(node)), node);
    return after;
  }

  private GroupSpec group() {
    return before.groups().getFirst();
  }

  private List<NodeName> names(Optional<NodeName> more, Optional<NodeName> less) {
    List<NodeName> names = new ArrayList<>(group().nodes().stream().map(NodeSpec::name).toList());
    more.ifPresent(names::add);
    less.ifPresent(names::remove);
    return names;
  }

  /** Nothing but the one node may have changed. */
  private void check(String after, List<NodeName> names, NodeName changed) throws SpecException {
    FleetSpec now = FleetFile.parse(after, file);
    GroupSpec group = now.groups().getFirst();
    boolean sameOthers =
        group.nodes().stream()
            .filter(node -> !node.name().equals(changed))
            .allMatch(group().nodes()::contains);
    FleetSpec otherwise =
        new FleetSpec(
            now.name(),
            now.data(),
            now.runAs(),
            now.postgres(),
            before.groups(),
            now.gateway(),
            now.consensus(),
            now.backup(),
            now.users(),
            now.databases());
    boolean sameGroup =
        group.name().equals(group().name())
            && group.durability() == group().durability()
            && group.synchronous() == group().synchronous();
    if (!sameOthers
        || !sameGroup
        || !otherwise.equals(before)
        || !group.nodes().stream().map(NodeSpec::name).toList().equals(names)) {
      throw refused(0, 0, "the node can't be changed without changing more", HINT);
    }
  }

  /** The text with the nodes written out one by one, where it only had their number or nothing. */
  private String expanded() throws SpecException {
    Optional<NodeMapping> root = NodeMapping.of(text);
    Optional<NodeTuple> groups = root.flatMap(top -> top.entry("groups"));
    if (root.isPresent() && !root.get().isBlock() && groups.isEmpty()) {
      throw at(root.get().mapping(), "the file has no groups and stands in braces");
    }
    if (groups.isEmpty() || isNothing(groups.get().getValueNode())) {
      if (groups.isPresent()) {
        throw at(groups.get().getKeyNode(), "a group without a line of its own");
      }
      String start = text.isEmpty() || text.endsWith("\n") ? text : text + newline();
      return start
          + lines("", List.of("groups:", "  " + group().name() + ":", "    nodes:"))
          + lines("      ", present());
    }
    NodeMapping group = groupMapping(root.get());
    Optional<NodeTuple> nodes = group.entry("nodes");
    if (nodes.isEmpty()) {
      throw at(group.mapping(), "the group's nodes are not written down");
    }
    if (nodes.get().getValueNode() instanceof MappingNode) {
      return text;
    }
    int start = group.start(nodes.get().getValueNode());
    int end = group.end(nodes.get());
    if (!group.isBlock()) {
      return spliced(text, start, end, "{ " + String.join(" {}, ", inBraces()) + " }");
    }
    int column = NodeMapping.place(nodes.get().getKeyNode())[1] - 1;
    int line = group.lineEnd(start);
    String head = spliced(text, start, end, "").substring(0, line - (end - start));
    return (head.endsWith("\n") ? head : head + newline())
        + lines(" ".repeat(column + 2), present())
        + text.substring(line);
  }

  private List<String> present() {
    return group().nodes().stream().map(node -> node.name() + ":").toList();
  }

  private List<String> inBraces() {
    List<String> names = new ArrayList<>(present());
    names.set(names.size() - 1, names.getLast() + " {}");
    return names;
  }

  private NodeMapping groupMapping(NodeMapping root) throws SpecException {
    NodeTuple groups = root.entry("groups").orElseThrow();
    Optional<NodeMapping> all = root.below("groups");
    Optional<NodeTuple> first = all.flatMap(mapping -> mapping.entries().stream().findFirst());
    if (first.isEmpty() || !(first.get().getValueNode() instanceof MappingNode)) {
      throw at(
          first.map(NodeTuple::getKeyNode).orElse(groups.getKeyNode()),
          "the group's nodes are not written down");
    }
    return new NodeMapping(root.text(), (MappingNode) first.get().getValueNode());
  }

  private NodeMapping nodes(String of) throws SpecException {
    return groupMapping(NodeMapping.of(of).orElseThrow()).below("nodes").orElseThrow();
  }

  private String insert(String into, NewNode node) throws SpecException {
    NodeMapping nodes = nodes(into);
    NodeTuple last = nodes.entries().getLast();
    if (nodes.entry(node.name().value()).isPresent()) {
      throw at(
          nodes.entry(node.name().value()).get().getKeyNode(),
          "there is a node " + node.name() + " already",
          "choose another name");
    }
    if (!nodes.isBlock()) {
      String value = node.yaml().isEmpty() ? "{}" : node.yaml();
      int end = afterColon(nodes, last);
      return spliced(into, end, end, ", " + node.name() + ": " + value);
    }
    int column = NodeMapping.place(last.getKeyNode())[1] - 1;
    int end = nodes.lineEnd(afterColon(nodes, last));
    String head = into.substring(0, end);
    return (head.endsWith("\n") ? head : head + newline())
        + lines(" ".repeat(column), List.of((node.name() + ": " + node.yaml()).stripTrailing()))
        + into.substring(end);
  }

  /** The end of an entry, with the colon of one that has no value. */
  private static int afterColon(NodeMapping mapping, NodeTuple entry) {
    int end = mapping.end(entry);
    if (!isNothing(entry.getValueNode())) {
      return end;
    }
    int colon = mapping.text().indexOf(':', end);
    return colon < 0 ? end : colon + 1;
  }

  private String delete(String from, NodeName node) throws SpecException {
    NodeMapping nodes = nodes(from);
    List<NodeTuple> entries = nodes.entries();
    NodeTuple entry = nodes.entry(node.value()).orElse(null);
    if (entry == null) {
      throw at(nodes.mapping(), "there is no node " + node, "'pgfleet status' lists the nodes");
    }
    int start = nodes.start(entry.getKeyNode());
    int end = afterColon(nodes, entry);
    if (nodes.isBlock()) {
      if (!from.substring(nodes.lineStart(start), start).isBlank()) {
        throw at(entry.getKeyNode(), "the node does not begin a line");
      }
      return spliced(from, nodes.lineStart(start), nodes.lineEnd(end), "");
    }
    int place = entries.indexOf(entry);
    if (place < entries.size() - 1) {
      int comma = from.indexOf(',', end);
      int next = nodes.start(entries.get(place + 1).getKeyNode());
      boolean plain = from.substring(comma + 1, next).isBlank();
      return spliced(from, start, plain ? next : comma + 1, "");
    }
    if (place == 0) {
      throw at(entry.getKeyNode(), "the last node of a group can't be removed");
    }
    return spliced(from, from.indexOf(',', afterColon(nodes, entries.get(place - 1))), end, "");
  }

  /** Those behind the node keep the ports that they have because of their places. */
  private String withPorts(String of, NodeName removed) throws SpecException {
    List<NodeName> names = group().nodes().stream().map(NodeSpec::name).toList();
    String changed = of;
    for (NodeSpec node :
        group().nodes().subList(names.indexOf(removed) + 1, group().nodes().size())) {
      if (names.contains(removed)) {
        changed = withPort(changed, node);
      }
    }
    return changed;
  }

  private String withPort(String of, NodeSpec node) throws SpecException {
    NodeMapping nodes = nodes(of);
    NodeTuple entry = nodes.entry(node.name().value()).orElseThrow();
    String port = "port: " + node.address().port();
    Optional<NodeMapping> value = nodes.below(node.name().value());
    if (value.isEmpty()) {
      int end = afterColon(nodes, entry);
      return spliced(of, end, end, " { " + port + " }");
    }
    if (value.get().entry("port").isPresent()) {
      return of;
    }
    int start = value.get().start(value.get().mapping());
    if (value.get().isBlock()) {
      return spliced(
          of, start, start, port + newline() + of.substring(nodes.lineStart(start), start));
    }
    boolean empty = value.get().entries().isEmpty();
    String after = empty ? of.charAt(start + 1) == '}' ? " " : "" : ",";
    return spliced(of, start + 1, start + 1, " " + port + after);
  }

  private static boolean isNothing(Node node) {
    return node instanceof ScalarNode scalar && scalar.getValue().isEmpty();
  }

  private String lines(String indent, List<String> lines) {
    StringBuilder all = new StringBuilder();
    lines.forEach(line -> all.append(indent).append(line).append(newline()));
    return all.toString();
  }

  /** As the file ends its lines. */
  private String newline() {
    return text.contains("\r\n") ? "\r\n" : "\n";
  }

  private static String spliced(String text, int start, int end, String between) {
    return text.substring(0, start) + between + text.substring(end);
  }

  private SpecException at(Node node, String what) {
    return at(node, what, HINT);
  }

  private SpecException at(Node node, String what, String hint) {
    int[] place = NodeMapping.place(node);
    return refused(place[0], place[1], what, hint);
  }

  private SpecException refused(int line, int column, String what, String hint) {
    String source = line == 0 ? "" : text.lines().skip(line - 1L).findFirst().orElse("");
    return new SpecException(
        List.of(new SpecProblem(file, line, column, "groups", what, Optional.of(hint), source)));
  }
}
