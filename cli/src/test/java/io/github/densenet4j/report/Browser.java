package io.github.densenet4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.results.Results;
import com.deque.html.axecore.selenium.AxeBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Debian's Chromium without a window; tests that need it are skipped, loudly, where it is missing.
 */
final class Browser implements AutoCloseable {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  static Browser start() {
    boolean there = Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER);
    if (!there) {
      System.err.println(
          "SKIPPED: the pages are not looked at, since Debian's packages chromium and"
              + " chromium-driver are not installed.");
    }
    Assumptions.assumeTrue(there, "chromium and chromium-driver are not installed");
    LoggingPreferences logging = new LoggingPreferences();
    logging.enable(LogType.BROWSER, Level.ALL);
    logging.enable(LogType.PERFORMANCE, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(CHROMIUM.toFile());
    options.addArguments(
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage");
    options.setCapability("goog:loggingPrefs", logging);
    ChromeDriver driver =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .usingAnyFreePort()
                .build(),
            options);
    driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(180));
    return new Browser(driver);
  }

  /** A window of so many pixels, as narrow as a phone's if it must be. */
  Browser size(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    return this;
  }

  Browser open(String address) {
    driver.get(address);
    return this;
  }

  Browser open(Path file) {
    return open(file.toUri().toString());
  }

  WebElement one(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  List<WebElement> all(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  Object script(String javaScript, Object... arguments) {
    return driver.executeScript(javaScript, arguments);
  }

  /** Since the last call: nothing complained, and nothing was asked of any host. */
  void requireQuiet() {
    requireQuiet("file:");
  }

  /** The same, of any host but the page's own. */
  void requireQuiet(String own) {
    assertThat(driver.manage().logs().get(LogType.BROWSER).getAll())
        .as("console")
        .allSatisfy(e -> assertThat(e.getLevel().intValue()).isLessThan(Level.WARNING.intValue()));
    for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE).getAll()) {
      JsonNode message = new ObjectMapper().readTree(entry.getMessage()).get("message");
      if (message.get("method").asString().equals("Network.requestWillBeSent")) {
        String address = message.get("params").get("request").get("url").asString();
        assertThat(address).matches(a -> a.startsWith("data:") || a.startsWith(own));
      }
    }
  }

  /**
   * What axe-core finds wrong, and what sticks out of the page. Of a matrix of many classes two
   * rows stay for it, since ten thousand equal cells would take it minutes: look at them before.
   */
  void requireAccessible() {
    Object tooWide =
        script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assertThat((Long) tooWide).as("pixels that stick out").isLessThanOrEqualTo(0);
    script(
        "document.querySelectorAll('.matrix.many tbody tr:nth-child(n+3)').forEach(r =>"
            + " r.remove())");
    Results results = new AxeBuilder().analyze(driver);
    assertThat(results.getErrorMessage()).isNull();
    assertThat(results.getPasses()).as("axe-core looked at the page").hasSizeGreaterThan(10);
    assertThat(results.getViolations())
        .as("axe-core's findings")
        .extracting(rule -> rule.getHelp() + ": " + rule.getNodes().getFirst().getFailureSummary())
        .isEmpty();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
