package io.pgfleet.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {
  @Test
  void readsAndWritesTheManualsForm() {
    assertThat(Lsn.parse("16/B374D848").value()).isEqualTo(0x16B374D848L);
    assertThat(new Lsn(0x16B374D848L)).hasToString("16/B374D848");
    assertThat(Lsn.parse("FFFFFFFF/FFFFFFFF")).hasToString("FFFFFFFF/FFFFFFFF");
  }

  @Test
  void ordersAsUnsigned() {
    assertThat(Lsn.parse("FFFFFFFF/0")).isGreaterThan(Lsn.parse("0/1"));
    assertThat(Lsn.parse("0/30").minus(Lsn.parse("0/10"))).isEqualTo(0x20);
    assertThat(Lsn.parse("0/30").reaches(Lsn.parse("0/30"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "0", "0/", "/0", "-1/0", "0/-1", "0/123456789", "x/1", "1/2/3"})
  void refusesAnythingElse(String text) {
    assertThatThrownBy(() -> Lsn.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
