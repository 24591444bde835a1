package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.poll.Transport;
import io.pgfleet.gateway.statement.StatementScan;
import io.pgfleet.wire.ServerReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Types of answers, read from a socket pair: an outbox is bound to a socket. */
final class LocalAnswersTest {
  private static final int ROLLBACK = StatementScan.FIRST_ROLLS_BACK | StatementScan.ENDS;
  private static final int COMMIT = StatementScan.FIRST_COMMITS | StatementScan.ENDS;

  private final LocalAnswers local = new LocalAnswers();
  private final ServerReport lost = ServerReport.of("ERROR", "40001", "lost");

  private record Message(char type, int flags) {}

  /** Takes all that is written. */
  private record Sink(ByteBuffer taken) implements Transport {
    @Override
    public int read(ByteBuffer into) {
      return 0;
    }

    @Override
    public int write(ByteBuffer from) {
      int size = from.remaining();
      taken.put(from);
      return size;
    }
  }

  /** The types of the answers to messages; '-' for one that a server must answer. */
  private String answers(Message... messages) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(8192);
    Gather out = new Gather(4096);
    out.begin(new Outbox(new Sink(all)));
    StringBuilder types = new StringBuilder();
    int refused = 0;
    for (Message message : messages) {
      refused += local.take((byte) message.type(), message.flags(), true, out) ? 0 : 1;
    }
    out.finish();
    all.flip();
    while (all.hasRemaining()) {
      types.append((char) all.get(all.position()));
      all.position(all.position() + 1 + all.getInt(all.position() + 1));
    }
    return types + "-".repeat(refused);
  }

  private static Message m(char type, int flags) {
    return new Message(type, flags);
  }

  @Test
  void aFailedTransactionRefusesAllButItsEnd() throws IOException {
    local.fail(lost);
    assertThat(answers(m('Q', 0), m('Q', StatementScan.EMPTY))).isEqualTo("EZIZ");
    assertThat(answers(m('P', 0), m('B', 0), m('E', 0), m('S', 0))).isEqualTo("EZ");
    assertThat(answers(m('Q', COMMIT))).isEqualTo("CZ");
    assertThat(local.active()).isFalse();
  }

  @Test
  void aCommitThatWasNotToldOfTheLossFails() throws IOException {
    local.fail(lost);
    assertThat(answers(m('P', COMMIT), m('B', COMMIT), m('E', COMMIT), m('S', 0)))
        .isEqualTo("12EZ");
    assertThat(local.active()).isFalse();
  }

  @Test
  void aRollbackNeedsNoServer() throws IOException {
    local.fail(lost);
    assertThat(
            answers(
                m('P', ROLLBACK), m('D', ROLLBACK), m('B', ROLLBACK), m('E', ROLLBACK), m('S', 0)))
        .isEqualTo("1tn2CZ");
    assertThat(local.active()).isFalse();
  }

  @Test
  void whatFollowsARollbackInOneQueryIsForAServer() throws IOException {
    local.fail(lost);
    assertThat(answers(m('Q', ROLLBACK | StatementScan.SEVERAL))).isEqualTo("-");
    assertThat(local.active()).isFalse();
  }

  @Test
  void aRefusalIsForOneRequestOnly() throws IOException {
    local.refuse(lost);
    assertThat(answers(m('P', 0), m('B', 0), m('H', 0), m('S', 0))).isEqualTo("EZ");
    assertThat(local.active()).isFalse();
  }
}
