package io.github.densenet4j.report;

import io.github.densenet4j.metrics.Interval;
import io.github.densenet4j.report.Comparison.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A comparison as text, as a page, and as a PNG of the learning curves. */
public final class ComparisonReport {
  private static final int WIDTH = 1100;
  private static final int HEIGHT = 560;

  private ComparisonReport() {}

  /** A line a run, then a line a difference. */
  public static String text(Comparison comparison) {
    StringBuilder out = new StringBuilder();
    int name =
        Math.max(3, comparison.runs().stream().mapToInt(r -> r.name().length()).max().orElse(0));
    String row = "%-" + name + "s  %6s  %-26s  %-26s  %-26s  %-26s%n";
    out.append(row.formatted("run", "epochs", "top-1", "loss", "macro F1", "calibration error"));
    for (Run run : comparison.runs()) {
      out.append(
          row.formatted(
              run.name(),
              run.history().map(h -> Integer.toString(h.epochs().size())).orElse("-"),
              text(run.figures().get("top1")),
              text(run.figures().get("loss")),
              text(run.figures().get("macro_f1")),
              text(run.figures().get("ece"))));
    }
    for (Comparison.Difference d : comparison.differences()) {
      out.append(d.isReal() ? "real:      " : "not shown: ").append(d.text()).append('\n');
    }
    if (!comparison.differences().isEmpty()) {
      out.append(comparison.method()).append('\n');
    }
    return out.toString();
  }

  private static String text(Interval f) {
    if (f == null) {
      return "-";
    }
    return Double.isNaN(f.low())
        ? String.format(Locale.ROOT, "%.4f", f.value())
        : String.format(Locale.ROOT, "%.4f (%.4f to %.4f)", f.value(), f.low(), f.high());
  }

  /** The same as JSON. */
  public static Map<String, Object> json(Comparison comparison) {
    Map<String, Object> out = new LinkedHashMap<>();
    List<Map<String, Object>> runs = new ArrayList<>();
    for (Run run : comparison.runs()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("name", run.name());
      fields.put("epochs", run.history().map(h -> h.epochs().size()).orElse(null));
      run.figures().forEach((figure, interval) -> fields.put(figure, json(interval)));
      run.history().ifPresent(h -> fields.put("history", h.epochs()));
      runs.add(fields);
    }
    out.put("runs", runs);
    List<Map<String, Object>> differences = new ArrayList<>();
    for (Comparison.Difference d : comparison.differences()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("figure", d.figure());
      fields.put("first", d.first());
      fields.put("second", d.second());
      fields.putAll(json(d.interval()));
      fields.put("level", d.level());
      fields.put("paired", d.paired());
      fields.put("real", d.isReal());
      fields.put("text", d.text());
      differences.add(fields);
    }
    out.put("differences", differences);
    out.put("method", comparison.method());
    return out;
  }

  private static Map<String, Object> json(Interval interval) {
    Map<String, Object> fields = new LinkedHashMap<>();
    BiConsumer<String, Double> put = (k, v) -> fields.put(k, Double.isFinite(v) ? v : null);
    put.accept("value", interval.value());
    put.accept("low", interval.low());
    put.accept("high", interval.high());
    return fields;
  }

  /**
   * Writes comparison.html, and comparison.png if any run has a history.
   *
   * @return the files
   */
  public static List<Path> write(Path directory, Comparison comparison) throws IOException {
    Files.createDirectories(directory);
    List<Path> files = new ArrayList<>();
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("title", "Comparison");
    data.put("subtitle", String.join(", ", comparison.runs().stream().map(Run::name).toList()));
    data.putAll(json(comparison));
    files.add(directory.resolve("comparison.html"));
    Files.writeString(files.getFirst(), Page.html("Comparison", data));
    Optional<XYChart> chart = chart(comparison);
    if (chart.isPresent()) {
      files.add(directory.resolve("comparison.png"));
      ImageIO.write(BitmapEncoder.getBufferedImage(chart.get()), "png", files.getLast().toFile());
    }
    return files;
  }

  /** Validation top-1 over the epochs, if any run has noted it. */
  private static Optional<XYChart> chart(Comparison comparison) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Validation top-1")
            .xAxisTitle("epoch")
            .build();
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideS);
    chart.getStyler().setLegendLayout(Styler.LegendLayout.Horizontal);
    chart.getStyler().setXAxisDecimalPattern("0");
    chart.getStyler().setLocale(Locale.ROOT);
    Set<String> names = new HashSet<>();
    int number = 0;
    for (Run run : comparison.runs()) {
      number++;
      List<Double> epochs = new ArrayList<>();
      List<Double> top1 = new ArrayList<>();
      for (Map<String, Double> epoch : run.history().map(RunHistory::epochs).orElse(List.of())) {
        if (epoch.containsKey("epoch") && epoch.containsKey("val_top1")) {
          epochs.add(epoch.get("epoch"));
          top1.add(epoch.get("val_top1"));
        }
      }
      if (!epochs.isEmpty()) {
        // runs in different places may have the same name; series may not
        String name = names.add(run.name()) ? run.name() : run.name() + " #" + number;
        names.add(name);
        XYSeries series = chart.addSeries(name, epochs, top1);
        series.setMarker(epochs.size() == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
      }
    }
    return names.isEmpty() ? Optional.empty() : Optional.of(chart);
  }
}
