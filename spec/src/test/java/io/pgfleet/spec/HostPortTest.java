package io.pgfleet.spec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostPortTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, true",
    "127.3.2.1, true",
    "localhost, true",
    "::1, true",
    "10.0.0.1, false",
    "1270.example, false",
    "localhost.example, false",
    "0.0.0.0, false",
    "::, false",
    "fd00::1, false"
  })
  void whatOtherMachinesReachIsNoLoopback(String host, boolean loopback) {
    assertThat(new HostPort(host, 5432).isLoopback()).isEqualTo(loopback);
  }

  @ParameterizedTest
  @CsvSource({"db1, db1:5432", "10.0.0.1, 10.0.0.1:5432", "fd00::1, [fd00::1]:5432"})
  void anIpv6AddressIsWrittenInBrackets(String host, String written) {
    assertThat(new HostPort(host, 5432)).hasToString(written);
  }
}
