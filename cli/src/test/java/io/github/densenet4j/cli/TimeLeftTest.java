package io.github.densenet4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TimeLeftTest {
  @Test
  void itIsToldOnceItMeansSomething() {
    TimeLeft left = new TimeLeft();
    left.step(64, 6400, 90_000_000_000L); // the kernels are compiled
    for (int i = 1; i <= 20; i++) {
      assertThat(left.isMeaningful()).as("step %d", i).isEqualTo(i > 11);
      left.step(64 + 64 * i, 6400, 90_000_000_000L + i * 1_000_000_000L);
    }
    assertThat(left.seconds()).as("79 steps of a second").isCloseTo(79, within(1e-9));
  }

  @Test
  void itIsWrittenAsPeopleSayIt() {
    assertThat(Output.duration(8.4)).isEqualTo("8 s");
    assertThat(Output.duration(99)).isEqualTo("99 s");
    assertThat(Output.duration(119.6)).isEqualTo("2 min");
    assertThat(Output.duration(5990)).isEqualTo("100 min");
    assertThat(Output.duration(7500)).isEqualTo("2 h 5 min");
    assertThat(Output.duration(90 * 3600)).isEqualTo("90 h 0 min");
  }
}
