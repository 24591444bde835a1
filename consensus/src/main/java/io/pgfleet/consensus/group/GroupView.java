package io.pgfleet.consensus.group;

import io.pgfleet.spec.NodeName;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One look at all that is agreed on about a group.
 *
 * @param state empty before there was a primary
 * @param lease who may write, if anybody
 * @param members what the agents that are alive say, by node
 * @param votes the votes that stand, by node
 * @param move an operator's wish, if there is one
 * @param written the last word of a primary on its WAL, in a group that does not wait for standbys.
 *     Read after the lease: with nobody holding that, it is the last word for good, or the state
 *     has another version since
 * @param operations what else operators have asked for
 */
public record GroupView(
    Optional<Versioned<GroupState>> state,
    Optional<HeldLease> lease,
    Map<NodeName, Member> members,
    Map<NodeName, Versioned<Vote>> votes,
    Optional<Versioned<PlannedMove>> move,
    Optional<Versioned<WrittenWal>> written,
    Operations operations) {

  /** A value and the version that a compare-and-set expects. */
  public record Versioned<T>(T value, int version) {}

  /**
   * A lease and whose session it lives in.
   *
   * @param ours whether it lives in the session that looked
   */
  public record HeldLease(Lease lease, int version, boolean ours) {}

  public GroupView {
    // By name, so that what is made of them never depends on the order of a hash.
    members = Collections.unmodifiableMap(new TreeMap<>(members));
    votes = Collections.unmodifiableMap(new TreeMap<>(votes));
  }

  /** What a node's agent says, if it is alive. */
  public Optional<Member> member(NodeName node) {
    return Optional.ofNullable(members.get(node));
  }

  /** The member that serves as primary under the lease that stands, if it does so already. */
  public Optional<Member> servingPrimary() {
    return lease
        .map(HeldLease::lease)
        .flatMap(held ->
            member(held.holder())
                .filter(member -> member.role() == Member.Role.PRIMARY)
                .filter(member -> member.term().equals(held.term())));
  }

  /**
   * What the server that a standby receives from sees of it.
   *
   * @param from the primary, or a standby of its reign
   */
  public record Received(Member from, Member.Standby row) {}

  /** Whom a standby receives from under the primary that serves, if from anybody. */
  public Optional<Received> received(NodeName standby) {
    Optional<Member> primary = servingPrimary();
    Optional<Term> term = primary.map(Member::term);
    Stream<Member> relays =
        members.values().stream()
            .filter(member -> member.role() == Member.Role.STANDBY)
            .filter(member -> term.equals(Optional.of(member.term())));
    return Stream.concat(primary.stream(), relays)
        .flatMap(member ->
            member.standbys().stream()
                .filter(row -> row.node().equals(standby))
                .map(row -> new Received(member, row)))
        .findFirst();
  }

  /**
   * The WAL that the primary has written and a standby has not replayed, in bytes; of one that
   * receives from another standby no less than that one lacks.
   */
  public Optional<Long> lag(NodeName standby) {
    return received(standby)
        .map(one ->
            one.row().lagBytes()
                + received(one.from().node()).map(from -> from.row().lagBytes()).orElse(0L));
  }
}
