package io.pgfleet.gateway.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SharedChannelsTest {
  private final List<String> told = new ArrayList<>();
  private final SharedChannels<String> channels =
      new SharedChannels<>(
          new SharedChannels.Answers<>() {
            @Override
            public void listening(String subscriber, String channel) {
              told.add(subscriber + " listens to " + channel);
            }

            @Override
            public void refused(String subscriber, String channel) {
              told.add(subscriber + " can't listen to " + channel);
            }

            @Override
            public void missed(String subscriber) {
              told.add(subscriber + " missed some");
            }
          });

  @Test
  void aSubscriberIsToldOnlyOnceTheServerHasAnswered() {
    channels.subscribe("one", "a", "A");
    channels.subscribe("two", "a", "a");
    assertThat(channels.next()).isEqualTo("LISTEN A");
    assertThat(channels.next()).isNull();
    assertThat(told).isEmpty();
    channels.answered(true);
    assertThat(told).containsExactly("one listens to a", "two listens to a");
    channels.subscribe("three", "a", "a");
    assertThat(told).endsWith("three listens to a");
  }

  @Test
  void theLastToLeaveEndsIt() {
    channels.subscribe("one", "a", "a");
    channels.next();
    channels.answered(true);
    channels.subscribe("two", "a", "a");
    channels.unsubscribe("one", "a");
    assertThat(channels.next()).isNull();
    channels.unsubscribe("two", "a");
    assertThat(channels.isEmpty()).isTrue();
    assertThat(channels.next()).isEqualTo("UNLISTEN \"a\"");
    channels.answered(true);
    assertThat(channels.next()).isNull();
  }

  @Test
  void aRefusedNameIsForgotten() {
    channels.subscribe("one", "select", "select");
    channels.next();
    channels.answered(false);
    assertThat(told).containsExactly("one can't listen to select");
    assertThat(channels.isEmpty()).isTrue();
  }

  @Test
  void afterALossAllIsSaidAgainAndThoseWhoListenedAreTold() {
    channels.subscribe("one", "a", "a");
    channels.next();
    channels.answered(true);
    channels.subscribe("two", "b", "b");
    channels.next();
    channels.lost();
    told.clear();
    assertThat(channels.next()).isEqualTo("LISTEN \"a\";");
    channels.answered(true);
    assertThat(told).containsExactly("one listens to a", "one missed some");
    assertThat(channels.next()).isEqualTo("LISTEN b");
    channels.answered(true);
    assertThat(told).endsWith("two listens to b");
  }
}
