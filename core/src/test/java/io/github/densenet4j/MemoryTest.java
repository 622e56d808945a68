package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.Memory.Slab;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Slabs that share places, as those see it who use them. */
class MemoryTest {
  private static final int STAGES = 9;
  private static final int MOMENTS = 2 * STAGES + 2;

  /** A slab of values that are all the same number, and when it must hold it. */
  private record User(Slab slab, int floats, boolean[] needed, boolean kept) {
    static User with(Slab slab, int floats, boolean kept) {
      return new User(slab, floats, new boolean[MOMENTS], kept);
    }

    void write(float value) {
      Arrays.fill(slab.array(), slab.at(), slab.at() + floats, value);
    }

    void requireAll(float value, int moment) {
      for (int i = 0; i < floats; i++) {
        assertThat(slab.array()[slab.at() + i]).as("moment %d", moment).isEqualTo(value);
      }
    }

    /** Whether it begins to be needed at a moment: the first of all, or of the way back. */
    boolean begins(int moment) {
      int from = kept || moment <= STAGES ? 0 : STAGES + 1;
      for (int m = from; m < moment; m++) {
        if (needed[m]) {
          return false;
        }
      }
      return needed[moment];
    }
  }

  @Test
  void whatIsNeededStaysWhoeverComesBetween() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Memory memory = new Memory();
      List<User> users = new ArrayList<>();
      for (int i = 0; i < 25; i++) {
        int floats = 1 + random.nextInt(i < 5 ? 400 : 60);
        boolean kept = random.nextBoolean();
        users.add(User.with(kept ? memory.kept(floats) : memory.recomputed(floats), floats, kept));
      }
      for (int stage = 0; stage <= STAGES; stage++) {
        for (User user : users) {
          if (random.nextInt(4) == 0) {
            user.slab.there();
            user.needed[stage] = true;
          }
          if (random.nextInt(4) == 0) {
            user.slab.back();
            user.needed[2 * STAGES + 1 - stage] = true;
          }
        }
        if (stage < STAGES) {
          memory.nextStage();
        }
      }
      memory.allocate();
      for (int moment = 0; moment < MOMENTS; moment++) {
        for (int i = 0; i < users.size(); i++) {
          if (users.get(i).begins(moment)) {
            users.get(i).write(i);
          }
        }
        for (int i = 0; i < users.size(); i++) {
          if (users.get(i).needed[moment]) {
            users.get(i).requireAll(i, moment);
          }
        }
      }
    }
  }

  @Test
  void whatIsNeverNeededTogetherTakesOnePlace() {
    Memory memory = new Memory();
    Slab first = memory.kept(1000);
    Slab second = memory.kept(900);
    Slab again = memory.recomputed(1000);
    Slab never = memory.kept(5000);
    long empty = memory.bytes();
    first.there();
    memory.nextStage();
    again.there();
    again.back();
    memory.nextStage();
    second.there();
    second.back();
    assertThat(memory.bytes() - empty).isBetween(4000L, 4400L);
    memory.allocate();
    assertThat(first.array()).isSameAs(second.array()).isSameAs(again.array());
    assertThat(never.array()).isNull();
  }

  @Test
  void whatIsTooLongForOneArrayIsDivided() {
    Memory memory = new Memory();
    for (int i = 0; i < 3; i++) {
      memory.kept(1_500_000_000).there();
    }
    assertThat(memory.bytes()).isBetween(18_000_000_000L, 18_000_001_000L);
    assertThatThrownBy(() -> memory.kept(3_000_000_000L))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3,000,000,000")
        .hasMessageContaining("smaller batches");
  }
}
