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
 * How far the repositories of a group are, in the agreed state: {@code archives/REPOSITORY} below
 * {@code /groups/NAME}, which lives with the session of the one who archives.
 *
 * <p>All methods throw what {@link Agreement} throws.
 */
public final class ArchiveRecords {
  private final JsonCodec<ArchiveMember> members =
      JsonCodec.of(ArchiveMember.class, GroupJson.module());

  private final Agreement agreement;
  private final String root;

  /** Those of a group. */
  public ArchiveRecords(Agreement agreement, GroupName group) {
    this.agreement = agreement;
    this.root = "/groups/" + group.value() + "/archives";
  }

  /** Says how far a repository is; the word of another before it is replaced. */
  public void announce(ArchiveMember member) {
    String path = root + "/" + member.repository();
    byte[] data = members.encode(member);
    Optional<Entry> present = agreement.read(path);
    if (present.isEmpty()) {
      agreement.create(path, data, Lifetime.SESSION);
    } else if (present.get().ours()) {
      agreement.compareAndSet(path, data, present.get().version());
    } else {
      agreement.commit(
          List.of(
              new Change.Delete(path, present.get().version()),
              new Change.Create(path, data, Lifetime.SESSION)));
    }
  }

  /** What is said of each repository, by name. */
  public List<ArchiveMember> archives() {
    List<String> paths =
        agreement.children(root).stream().map(name -> root + "/" + name).sorted().toList();
    return agreement.look(List.of(), paths).entries().values().stream()
        .map(entry -> members.decode(entry.data()))
        .toList();
  }
}
