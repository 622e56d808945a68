package io.github.densenet4j.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.data.DataException;
import io.github.densenet4j.metrics.Interval;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
  private static final int PICTURES = 2000;

  @TempDir Path folder;
  private Path good;
  private Path better;
  private Path same;

  /** Of three networks on the same pictures, the second is right on 30 more than the others. */
  @BeforeEach
  void write() throws IOException {
    good = run("good", 0, 1);
    better = run("better", 30, 2);
    same = run("same", 0, 3);
  }

  /** Right on 1600 pictures and some more; wrong on the hardest. */
  private Path run(String name, int more, long seed) throws IOException {
    Path directory = Files.createDirectories(folder.resolve(name));
    Random random = new Random(seed);
    StringBuilder rows = new StringBuilder("picture,label,predicted,confidence,rank,loss\n");
    int right = 0;
    for (int i = 0; i < PICTURES; i++) {
      // near the border chance decides, as between two trainings of one network
      boolean hit = i < 1600 + more ? i < 1560 || random.nextDouble() < 0.9 : i < 1604 + more;
      right += hit ? 1 : 0;
      rows.append(
          String.format(
              Locale.ROOT,
              "%d,%d,%d,0.9,%d,%.4f\n",
              i,
              i % 10,
              hit ? i % 10 : (i + 1) % 10,
              hit ? 0 : 1,
              hit ? 0.1 : 2.0));
    }
    Files.writeString(directory.resolve("predictions.csv"), rows);
    double top1 = (double) right / PICTURES;
    double half = 1.96 * Math.sqrt(top1 * (1 - top1) / PICTURES);
    Files.writeString(
        directory.resolve("metrics.json"),
        String.format(
            Locale.ROOT,
            "{\"top1\":%f,\"loss\":0.5,\"macro\":{\"f1\":0.8},\"calibration\":{\"ece\":0.02},\"confidence_intervals\":{\"top1\":[%f,%f],\"loss\":[0.48,0.52],\"macro_f1\":[0.78,0.82],\"ece\":[0.01,0.03]}}",
            top1,
            top1 - half,
            top1 + half));
    Files.writeString(
        directory.resolve("history.csv"),
        "epoch,lr,train_loss,val_loss,val_top1\n1,0.1,1.5,1.2,0.5\n2,0.1,0.7,0.6," + top1 + "\n");
    return directory;
  }

  private static Comparison.Difference top1(Comparison comparison) {
    return comparison.differences().stream()
        .filter(d -> d.figure().equals("top1"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aSmallDifferenceIsRealOnTheSamePicturesOnly() throws IOException {
    Comparison.Difference paired = top1(Comparison.of(List.of(better, good)));
    assertThat(paired.paired()).isTrue();
    assertThat(paired.interval().value()).isCloseTo(0.015, within(0.005));
    assertThat(paired.isReal()).isTrue();
    assertThat(paired.text()).contains("top-1 of better").contains("good").contains("paired");
    Files.delete(good.resolve("predictions.csv"));
    Comparison.Difference unpaired = top1(Comparison.of(List.of(better, good)));
    assertThat(unpaired.paired()).isFalse();
    assertThat(unpaired.isReal()).as("each interval alone is 3.5 points wide").isFalse();
    assertThat(unpaired.interval().value()).isCloseTo(paired.interval().value(), within(1e-6));
  }

  /** A run that is right on some more pictures, and on all that the other is right on. */
  private Path more(Path run, String name, int gained) throws IOException {
    Path directory = Files.createDirectories(folder.resolve(name));
    Files.copy(run.resolve("metrics.json"), directory.resolve("metrics.json"));
    List<String> rows = new ArrayList<>(Files.readAllLines(run.resolve("predictions.csv")));
    int left = gained;
    for (int i = 1; i < rows.size() && left > 0; i++) {
      if (rows.get(i).endsWith(",1,2.0000")) {
        rows.set(i, rows.get(i).replace(",1,2.0000", ",0,2.0000"));
        left--;
      }
    }
    Files.write(directory.resolve("predictions.csv"), rows);
    return directory;
  }

  /** Five pictures gained and none lost: alone 2 e^-5 = 0.013, too much among six pairs. */
  @Test
  void amongManyPairsADifferenceMustBeClearer() throws IOException {
    Path slightly = more(good, "slightly", 5);
    Comparison.Difference alone = top1(Comparison.of(List.of(slightly, good)));
    assertThat(alone.isReal()).isTrue();
    assertThat(alone.level()).isEqualTo(0.95);
    List<Path> many = List.of(slightly, good, same, run("other", 0, 4));
    Comparison.Difference amongSix = top1(Comparison.of(many));
    assertThat(amongSix.interval().value()).isEqualTo(alone.interval().value());
    assertThat(amongSix.level()).isCloseTo(1 - 0.05 / 6, within(1e-9));
    assertThat(amongSix.interval().low()).isLessThanOrEqualTo(0);
    assertThat(amongSix.isReal()).isFalse();
    assertThat(amongSix.text()).contains("with 99.17 %");
    Comparison clear = Comparison.of(List.of(better, good, same, slightly));
    assertThat(top1(clear).isReal()).as("30 pictures more are clear among six, too").isTrue();
    assertThat(clear.differences())
        .filteredOn(d -> d.figure().equals("top1"))
        .hasSize(6)
        .allSatisfy(d -> assertThat(d.isReal()).isEqualTo(!d.interval().contains(0)));
    assertThat(ComparisonReport.text(clear)).contains("6 pairs").contains("Holm");
    assertThat(ComparisonReport.text(Comparison.of(List.of(better, good)))).contains("95 %");
  }

  /** Each level of Holm's method is that of its place among the differences. */
  @Test
  void levelsStepDownToTheFirstDoubt() throws IOException {
    Path much = run("much", 100, 5);
    List<Comparison.Difference> found =
        Comparison.of(List.of(much, better, good)).differences().subList(0, 3);
    assertThat(found).allSatisfy(d -> assertThat(d.isReal()).isTrue());
    assertThat(found.stream().map(Comparison.Difference::level).sorted().toList())
        .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-12 ? 0 : Double.compare(a, b))
        .containsExactly(0.95, 0.975, 1 - 0.05 / 3);
  }

  @Test
  void independentIntervalsAreNormal() {
    Evidence evidence =
        Evidence.Independent.of(new Interval(0.9, 0.87, 0.93), new Interval(0.8, 0.76, 0.84));
    assertThat(evidence.at(0.95).low()).isCloseTo(0.05, within(1e-9));
    assertThat(evidence.at(0.95).high()).isCloseTo(0.15, within(1e-9));
    // of the normal distribution's tables
    assertThat(Normal.cdf(1.959963984540054)).isCloseTo(0.975, within(1e-12));
    assertThat(Normal.cdf(-3)).isCloseTo(0.001349898031630095, within(1e-12));
    assertThat(Normal.quantile(0.995)).isCloseTo(2.575829303548901, within(1e-9));
    assertThat(evidence.at(0.99).high())
        .isCloseTo(0.1 + 0.05 * 2.575829303548901 / 1.959963984540054, within(1e-9));
    assertThat(evidence.p()).isCloseTo(2 * Normal.cdf(-2 * 1.959963984540054), within(1e-9));
  }

  @Test
  void chanceIsNotReal() throws IOException {
    assertThat(top1(Comparison.of(List.of(same, good))).isReal()).isFalse();
  }

  @Test
  void othersPicturesAreNotPaired() throws IOException {
    Path predictions = good.resolve("predictions.csv");
    Files.writeString(predictions, Files.readString(predictions).replaceFirst("\n0,0,", "\n0,1,"));
    assertThat(top1(Comparison.of(List.of(better, good))).paired()).isFalse();
  }

  @Test
  void aRunThatWasNotEvaluatedShowsItsLastEpoch() throws IOException {
    Files.delete(good.resolve("metrics.json"));
    Files.delete(good.resolve("predictions.csv"));
    Comparison comparison = Comparison.of(List.of(good, better));
    Interval top1 = comparison.runs().getFirst().figures().get("top1");
    assertThat(top1.value()).isCloseTo(0.8, within(0.01));
    assertThat(comparison.differences()).isEmpty();
    assertThat(ComparisonReport.text(comparison)).contains("good", "0.7", "better");
  }

  @Test
  void historiesOfBothKindsAndWhatIsStillBeingWritten() throws IOException {
    Path lines = folder.resolve("history.jsonl");
    Files.writeString(
        lines,
        "{\"epoch\":1,\"val_top1\":0.5,\"note\":\"x\"}\n{\"epoch\":2,\"val_top1\":0.6}\n{\"ep");
    assertThat(RunHistory.read(lines).epochs()).hasSize(2);
    assertThat(RunHistory.read(lines).epochs().getLast()).containsEntry("val_top1", 0.6);
    Path csv = folder.resolve("any.csv");
    Files.writeString(csv, "epoch,lr,mine\n1,1e-3,nan\n2,0.002,7\n3,0.0");
    assertThat(RunHistory.read(csv).epochs()).hasSize(2);
    assertThat(RunHistory.read(csv).epochs().getFirst())
        .containsEntry("lr", 0.001)
        .doesNotContainKey("mine");
    Files.writeString(csv, "epoch,lr\n1,2,3\n");
    assertThatThrownBy(() -> RunHistory.read(csv))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining("3 values");
    Files.writeString(lines, "{\"epoch\":1}\n{\"epoch\n");
    assertThatThrownBy(() -> RunHistory.read(lines)).hasMessageContaining("line 2");
  }

  @Test
  void whatIsNoRunIsSaid() {
    assertThatThrownBy(() -> Comparison.of(List.of(good, folder)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is no run")
        .hasMessageContaining("eval --report");
    assertThatThrownBy(
            () -> {
              Files.writeString(good.resolve("metrics.json"), "{\"top1\":1}");
              Comparison.of(List.of(good, better));
            })
        .isInstanceOf(DataException.class)
        .hasMessageContaining("metrics.json");
  }

  @Test
  void thePageAndThePictureOverlayTheCurves() throws IOException {
    List<Path> files =
        ComparisonReport.write(
            folder.resolve("out"), Comparison.of(List.of(good, better, same, good)));
    BufferedImage png = ImageIO.read(files.getLast().toFile());
    assertThat(png.getWidth()).isEqualTo(1100);
    try (Browser browser = Browser.start()) {
      browser.size(1200, 900).open(files.getFirst());
      assertThat(browser.all("#runs tbody tr")).hasSize(4);
      assertThat(browser.one("#runs tbody").getText()).contains("better");
      assertThat(browser.one("#differences").getText())
          .contains("real: top-1 of good")
          .contains("not shown:");
      assertThat(browser.all("#curves canvas")).hasSize(4);
      browser.requireAccessible();
      browser.requireQuiet();
    }
  }
}
