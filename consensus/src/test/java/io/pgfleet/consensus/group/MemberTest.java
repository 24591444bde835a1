package io.pgfleet.consensus.group;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.consensus.JsonCodec;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MemberTest {
  private final JsonCodec<Member> codec = JsonCodec.of(Member.class, GroupJson.module());

  @Test
  void theWordOfAnAgentOfAnEarlierVersionIsRead() {
    Member read =
        codec.decode(
            """
            {"node":"n1","host":"h","port":1,"role":"STANDBY","term":"2","timeline":3,
             "position":"0/3000060","note":"","waitsFor":{"members":[],"acknowledging":0},
             "standbys":[]}
            """
                .getBytes(UTF_8));
    assertThat(read.position()).contains(Lsn.parse("0/3000060"));
    assertThat(read.running()).isEmpty();
    assertThat(codec.decode(codec.encode(read))).isEqualTo(read);
  }

  @Test
  void anotherNoteChangesNothingElse() {
    Member member =
        new Member(
            new NodeName("n1"),
            "h",
            1,
            Member.Role.STANDBY,
            new Term(2),
            3,
            Optional.empty(),
            "",
            SyncSet.NONE,
            List.of(),
            true,
            Optional.of(new Member.Running("18.5", "18.6", true)));
    assertThat(codec.decode(codec.encode(member.withNote("waits"))))
        .isEqualTo(member.withNote("waits"));
    assertThat(member.withNote("waits").running()).isEqualTo(member.running());
  }
}
