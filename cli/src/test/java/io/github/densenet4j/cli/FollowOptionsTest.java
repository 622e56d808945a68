package io.github.densenet4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What a run remembers of how it is followed. */
class FollowOptionsTest {
  @Command
  private static final class Options {
    @Mixin private FollowOptions follow;
  }

  private static FollowOptions parsed(String... args) {
    Options options = new Options();
    new CommandLine(options).parseArgs(args);
    return options.follow;
  }

  @Test
  void aRunThatGoesOnWritesForTensorBoardAsBefore() {
    for (String[] given :
        new String[][] {{}, {"--tensorboard"}, {"--tensorboard", "--histograms"}}) {
      Map<String, String> notes = parsed(given).notes();
      FollowOptions resumed = parsed();
      resumed.restore(notes);
      assertThat(resumed.notes()).isEqualTo(notes);
      FollowOptions more = parsed("--tensorboard", "--histograms");
      more.restore(notes);
      assertThat(more.notes()).containsEntry("tensorboard", "with histograms");
    }
    FollowOptions older = parsed();
    older.restore(Map.of());
    assertThat(older.notes()).containsEntry("tensorboard", "");
  }
}
