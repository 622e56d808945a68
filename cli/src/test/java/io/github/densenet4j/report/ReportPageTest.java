package io.github.densenet4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Initialisation;
import io.github.densenet4j.StemType;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.OutputTransform;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.weights.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The page as a person meets it, in a browser. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportPageTest {
  private static final String HISTORY =
      """
      epoch,lr,train_loss,train_top1,val_loss,val_top1,val_top5,images_per_s,data_wait_s,seconds
      1,0.1,0.9,0.6,1.1,0.5,0.9,100.5,1,12
      2,0.05,0.5,0.8,0.6,0.75,0.95,101,0.2,11
      """;

  private static final String NOTES =
      """
      recipe.epochs = 2
      recipe.augment = cifar,<b>mixup
      data place = /pictures of = mine
      data directory =\s
      """;

  @TempDir static Path folder;
  private Browser browser;

  @BeforeAll
  void start() throws IOException {
    browser = Browser.start();
    report("a <run>", 4, 200, OutputTransform.softmax());
    report("100", 100, 1000, OutputTransform.softmax());
    report("sigmoid", 4, 200, OutputTransform.sigmoid(List.of(0.3, 0.4, 0.5, 0.6)));
  }

  @AfterAll
  void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  private static String name(int classes) {
    return classes == 4 ? "a <run>" : Integer.toString(classes);
  }

  private static Path page(int classes) {
    return folder.resolve(name(classes)).resolve("report.html");
  }

  /** Of an untrained network, which errs often. */
  private static void report(String name, int classes, int size, OutputTransform output)
      throws IOException {
    Path directory = Files.createDirectories(folder.resolve(name));
    Files.writeString(directory.resolve("history.csv"), HISTORY);
    Files.writeString(directory.resolve("run.txt"), NOTES);
    Patches data = new Patches(size, classes);
    DenseNetConfig config =
        new DenseNetConfig(
            4,
            List.of(1, 1),
            8,
            2,
            0.5,
            StemType.CIFAR,
            false,
            1,
            classes,
            0,
            1e-5,
            0.1,
            Initialisation.KAIMING);
    Model model =
        new Model(
            config,
            Weights.initialise(config, 3),
            data.classNames(),
            InputTransform.plain(1, 8, 8),
            output);
    try (Engine.Resources engine = Engine.open(1)) {
      DenseNet net = new DenseNet(model, engine.engine());
      Evaluated evaluated = Evaluated.of(net, data, Evaluated.Views.ONE, Optional.empty());
      RunReport.write(
          directory, RunFolder.read(directory), evaluated, engine.engine(), "A <remark>.");
    }
  }

  private static JsonNode metrics(int classes) throws IOException {
    return new ObjectMapper()
        .readTree(Files.readString(page(classes).resolveSibling("metrics.json")));
  }

  @Test
  void everythingIsThereAndNothingIsFetched() throws IOException {
    browser.size(1200, 900).open(page(4));
    assertThat(browser.one("h1").getText()).isEqualTo("a <run>");
    assertThat(browser.all("section h2").stream().map(WebElement::getText))
        .containsExactly(
            "Learning curves",
            "Confusion matrix",
            "Classes",
            "Most confident mistakes",
            "Least confident hits",
            "Calibration",
            "Timings",
            "Network",
            "Configuration and environment");
    String top1 = "%.2f".formatted(100 * metrics(4).get("top1").asDouble());
    assertThat(browser.one(".figures").getText()).contains(top1);
    assertThat(browser.all("#curves canvas")).hasSize(3);
    assertThat(browser.all("#classes tbody tr")).hasSize(4);
    assertThat(browser.one("#classes tbody th").getText()).contains("</script><b>class & 0");
    assertThat(browser.one("#network svg text").getText()).isNotEmpty();
    assertThat(browser.one("#timings").getText())
        .contains("100.50")
        .contains("2 epochs took 23 seconds; training waited 5.2 % of that");
    assertThat(browser.one("#facts").getText())
        .contains("cifar,<b>mixup")
        .contains("/pictures of = mine")
        .contains("growth rate")
        .contains("processors")
        .doesNotContain("data directory");
    assertThat(browser.one("main").getText()).contains("A <remark>.");
    browser.one("#curves summary").click();
    assertThat(browser.one("#curves details table").getText()).contains("0.9").contains("1.1");
    Object unseen =
        browser.script(
            "return [...document.images].filter(i => i.complete && !i.naturalWidth).length");
    assertThat(unseen).isEqualTo(0L);
    browser.requireAccessible();
    browser.requireQuiet();
  }

  @Test
  void aCellShowsItsPictures() throws IOException {
    browser.size(1200, 900).open(page(4));
    JsonNode confusion = metrics(4).get("confusion");
    int row = 0;
    int column = 1;
    while (confusion.get(row).get(column).asInt() == 0) {
      column = column == 3 ? 0 : column + 1;
      row = column == 0 ? row + 1 : row;
    }
    int n = confusion.get(row).get(column).asInt();
    browser.one("td[data-r='%d'][data-c='%d']".formatted(row, column)).click();
    assertThat(browser.all("#cell-pictures img")).hasSize(Math.min(n, 12));
    assertThat(browser.one("#cell-status").getText()).startsWith(n + " of 50");
    assertThat(browser.one("#cell-pictures img").getAttribute("alt"))
        .contains("class & " + row)
        .contains("named </script><b>class & " + column);
    browser.requireQuiet();
  }

  @Test
  void theKeyboardIsEnough() {
    browser.size(1200, 900).open(page(4));
    WebElement first = browser.one("td[data-r='0'][data-c='0']");
    first.sendKeys(Keys.ARROW_DOWN);
    WebElement focused = (WebElement) browser.script("return document.activeElement");
    assertThat(focused.getAttribute("data-r")).isEqualTo("1");
    focused.sendKeys(Keys.END);
    focused = (WebElement) browser.script("return document.activeElement");
    assertThat(focused.getAttribute("data-c")).isEqualTo("3");
    focused.sendKeys(Keys.ENTER);
    assertThat(focused.getAttribute("aria-selected")).isEqualTo("true");
    assertThat(browser.one("#cell-status").getText()).contains("of 50");
    assertThat(browser.all("td[tabindex='0']")).as("one stop of the Tab key").hasSize(1);
    WebElement plot = browser.one("#curves .plot");
    plot.sendKeys(Keys.ARROW_RIGHT);
    assertThat(browser.one("#curves .u-legend").getText()).contains("0.9").contains("1.1");
    browser.requireQuiet();
  }

  @Test
  void headingsSort() {
    browser.size(1200, 900).open(page(4));
    WebElement heading = browser.all("#classes thead button").get(4);
    assertThat(heading.getText()).isEqualTo("F1");
    heading.click();
    assertThat(browser.all("#classes thead th").get(4).getAttribute("aria-sort"))
        .isEqualTo("descending");
    List<Double> down = f1();
    assertThat(down).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    heading.click();
    assertThat(f1()).isEqualTo(down.reversed());
  }

  private List<Double> f1() {
    return browser.all("#classes tbody tr td:nth-child(5)").stream()
        .map(cell -> Double.parseDouble(cell.getText()))
        .toList();
  }

  @Test
  void lightAndDarkCanBeRead() {
    browser.size(1200, 900).open(page(4));
    WebElement button = browser.one("#theme");
    String background = "return getComputedStyle(document.body).backgroundColor";
    button.click();
    Object light = browser.script(background);
    browser.requireAccessible(); // contrast, above all
    button.click();
    assertThat(browser.script(background)).isNotEqualTo(light);
    browser.requireAccessible(); // contrast, above all
    browser.requireQuiet();
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 100})
  void aPhoneShowsItAll(int classes) {
    browser.size(390, 844).open(page(classes));
    assertThat(browser.all(".matrix tbody td")).hasSize(classes * classes);
    browser.one(".pairs button").click();
    assertThat(browser.all("#cell-pictures img")).isNotEmpty();
    browser.requireAccessible();
    browser.requireQuiet();
  }

  @Test
  void severalClassesAtOnceHaveFiguresOfTheirOwn() throws IOException {
    browser.size(1200, 900).open(folder.resolve("sigmoid/report.html"));
    JsonNode several =
        new ObjectMapper()
            .readTree(Files.readString(folder.resolve("sigmoid/metrics.json")))
            .get("multi_label");
    assertThat(browser.one(".figures").getText())
        .contains("exactly right")
        .contains("%.4f".formatted(several.get("micro").get("f1").asDouble()));
    assertThat(browser.one("#classes thead").getText()).contains("threshold");
    assertThat(browser.one("#classes tbody tr:nth-child(2)").getText()).endsWith("0.4000");
    assertThat(browser.one("#calibration").getText())
        .contains("%.4f".formatted(several.get("calibration").get("ece").asDouble()));
    browser.requireAccessible();
    browser.requireQuiet();
  }
}
