package io.pgfleet.consensus.group;

import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.Change;
import io.pgfleet.consensus.Entry;
import io.pgfleet.consensus.JsonCodec;
import io.pgfleet.consensus.Lifetime;
import io.pgfleet.spec.GroupName;
import java.util.List;
import java.util.Optional;

/**
 * The gateways of a group in the agreed state, and the word that holds their clients.
 *
 * <p>Below {@code /groups/NAME}: {@code gateways/ID}, which lives with the gateway's session, and
 * {@code hold}, which lives with the session of the one who holds, so that no gateway holds its
 * clients for somebody who is gone.
 *
 * <p>All methods throw what {@link Agreement} throws.
 */
public final class GatewayRecords {
  private final JsonCodec<GatewayMember> members = JsonCodec.of(GatewayMember.class);
  private final JsonCodec<Hold> holds = JsonCodec.of(Hold.class);

  private final Agreement agreement;
  private final String root;

  public GatewayRecords(Agreement agreement, GroupName group) {
    this.agreement = agreement;
    this.root = "/groups/" + group.value();
  }

  /** Waits until reads see all that was agreed on before this call. */
  public void catchUp() {
    agreement.catchUp();
  }

  /** Says what a gateway is, for as long as this session lives. */
  public void announce(GatewayMember member) {
    put(root + "/gateways/" + member.id(), members.encode(member));
  }

  /** All gateways that have said what they are. */
  public List<GatewayMember> gateways() {
    List<String> paths =
        agreement.children(root + "/gateways").stream()
            .map(id -> root + "/gateways/" + id)
            .toList();
    return agreement.look(List.of(), paths).entries().values().stream()
        .map(entry -> members.decode(entry.data()))
        .toList();
  }

  /** The hold there is. */
  public Optional<Hold> hold() {
    return agreement.read(holdPath()).map(entry -> holds.decode(entry.data()));
  }

  /** Has all gateways hold, for as long as this session lives; replaces an earlier hold. */
  public void begin(Hold hold) {
    put(holdPath(), holds.encode(hold));
  }

  /** Takes a hold back; nothing happens if it is not the one there is. */
  public void end(Hold hold) {
    Optional<Entry> present = agreement.read(holdPath());
    if (present.isPresent() && holds.decode(present.get().data()).equals(hold)) {
      agreement.delete(holdPath(), present.get().version());
    }
  }

  private void put(String path, byte[] data) {
    Optional<Entry> present = agreement.read(path);
    if (present.isEmpty()) {
      agreement.create(path, data, Lifetime.SESSION);
    } else if (!present.get().ours()) {
      agreement.commit(
          List.of(
              new Change.Delete(path, present.get().version()),
              new Change.Create(path, data, Lifetime.SESSION)));
    } else {
      agreement.compareAndSet(path, data, present.get().version());
    }
  }

  private String holdPath() {
    return root + "/hold";
  }
}
