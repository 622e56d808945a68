package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.Randomness;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Paths that lie together in few strings. */
class PathListTest {
  private static PathList of(List<String> paths) {
    PathList.Builder builder = new PathList.Builder();
    paths.forEach(builder::add);
    return builder.build();
  }

  @Test
  void everyPathComesBack() {
    for (int size : new int[] {0, 1, 2, 63, 64, 65, 127, 128, 200}) {
      List<String> paths = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        String folder =
            List.of("", "dog/", "dogs/", "дом/", "cat/wild/")
                .get((int) (5 * Randomness.uniform(1, i)));
        paths.add(folder + (i % 7 == 0 ? "" : "picture " + i % 11 + ".png"));
      }
      PathList list = of(paths);
      assertThat(list.size()).isEqualTo(size);
      for (int i = 0; i < size; i++) {
        assertThat(list.get(i)).isEqualTo(paths.get(i));
      }
    }
  }

  @Test
  void whatPathsBeginWithIsKeptOnce() {
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < 640; i++) {
      paths.add("a class with a long name/picture_%04d.png".formatted(i));
    }
    // "a class with a long name/picture_" once a block; four digits, ".png" and an end a path
    assertThat(of(paths).bytes()).isLessThan(640 * 10);
    assertThat(of(List.of("дом")).bytes() - of(List.of("dom")).bytes())
        .as("wide letters, and the two ends with them")
        .isEqualTo(5);
  }

  @Test
  void whatIsNoPathIsRefused() {
    assertThatThrownBy(() -> of(List.of("a\0b"))).hasMessageContaining("no path");
  }
}
