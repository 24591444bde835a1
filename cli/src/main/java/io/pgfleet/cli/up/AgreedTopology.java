package io.pgfleet.cli.up;

import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.NodeChanges;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.gateway.topology.Standby;
import io.pgfleet.gateway.topology.Topology;
import io.pgfleet.gateway.topology.TopologySource;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a gateway where statements go, from the agreed state: writes to the holder of the lease,
 * once its agent says that it serves, and may be prepared for before; reads to standbys that follow
 * the newest term. One that still follows a former term is left out, since it may have replayed
 * commits that were lost with its primary. While the agreed state can't be read the last answer
 * stands; a server that is no longer the primary refuses writes itself.
 */
final class AgreedTopology implements TopologySource {
  private static final Logger log = LoggerFactory.getLogger(AgreedTopology.class);

  private final List<NodeSpec> inFile;
  private final Function<NodeSpec, Optional<Path>> sockets;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Topology current = Topology.NONE;
  private volatile List<NodeSpec> nodes;

  /**
   * @param group as the file has it
   * @param sockets the Unix-domain socket of a node on this machine
   */
  AgreedTopology(GroupSpec group, Function<NodeSpec, Optional<Path>> sockets) {
    this.inFile = group.nodes();
    this.nodes = inFile;
    this.sockets = sockets;
  }

  /** Looks again; called after every change of the agreed state. */
  void refresh(GroupStore store) {
    Topology next;
    try {
      next = of(store.view());
    } catch (AgreementException e) {
      log.debug("the agreed state can't be read now", e);
      return;
    }
    Topology before = current;
    if (next.equals(before)) {
      return;
    }
    if (!next.primary().equals(before.primary())) {
      log.info("writes go to {}", next.primary().map(Primary::toString).orElse("nobody"));
    }
    current = next;
    listeners.forEach(Runnable::run);
  }

  /** A node of the group as it was seen last. */
  Optional<NodeSpec> node(NodeName name) {
    return nodes.stream().filter(node -> node.name().equals(name)).findFirst();
  }

  private Topology of(GroupView view) {
    NodeChanges changes = view.operations().nodes();
    nodes = changes.appliedTo(inFile);
    Map<NodeName, NodeSpec> byName =
        nodes.stream().collect(Collectors.toMap(NodeSpec::name, node -> node));
    Optional<Primary> primary =
        view.servingPrimary().map(member -> primary(member, member.term(), byName));
    Optional<Primary> coming =
        view.lease()
            .map(held -> held.lease())
            .flatMap(lease ->
                view.member(lease.holder())
                    .filter(member -> member.role() == Member.Role.STANDBY)
                    .map(member -> primary(member, lease.term(), byName)));
    Term term = view.state().map(state -> state.value().term()).orElse(Term.NONE);
    List<Standby> standbys =
        view.members().values().stream()
            .filter(member -> member.role() == Member.Role.STANDBY)
            .filter(member -> !term.equals(Term.NONE) && member.term().equals(term))
            .filter(member -> !changes.removed().contains(member.node()))
            .filter(member ->
                Optional.ofNullable(byName.get(member.node()))
                    .filter(NodeSpec::neverRead)
                    .isEmpty())
            .sorted(Comparator.comparing(member -> member.node().value()))
            .map(member ->
                new Standby(
                    member.node().value(),
                    member.host(),
                    member.port(),
                    Optional.ofNullable(byName.get(member.node())).map(NodeSpec::region).orElse(""),
                    socket(byName, member.node())))
            .toList();
    return new Topology(primary, standbys, coming);
  }

  private Primary primary(Member member, Term term, Map<NodeName, NodeSpec> byName) {
    return new Primary(
        member.node().value(),
        member.host(),
        member.port(),
        term.number(),
        socket(byName, member.node()));
  }

  /** A server that was started before there were sockets has none until its next start. */
  private Optional<Path> socket(Map<NodeName, NodeSpec> byName, NodeName node) {
    return Optional.ofNullable(byName.get(node)).flatMap(sockets).filter(Files::exists);
  }

  @Override
  public Topology current() {
    return current;
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }
}
