package io.github.densenet4j.bench;

import io.github.densenet4j.bench.Compare.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A comparison as a table (Markdown, JSON) and a bar chart (PNG). */
final class Report {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Report() {}

  /** Writes PREFIX.md, PREFIX.json and PREFIX.png. */
  static void write(Path prefix, List<Result> results) throws IOException {
    Path folder = prefix.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    String name = prefix.getFileName().toString();
    Files.writeString(folder.resolve(name + ".md"), markdown(results));
    Files.writeString(
        folder.resolve(name + ".json"),
        JSON.writeValueAsString(results.stream().map(Report::fields).toList()) + "\n");
    CategoryChart chart = chart(results);
    ImageIO.write(
        BitmapEncoder.getBufferedImage(chart), "png", folder.resolve(name + ".png").toFile());
  }

  private static String machine() {
    return "Java %s, %s %s, %d processors"
        .formatted(
            Runtime.version(),
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            Runtime.getRuntime().availableProcessors());
  }

  private static String markdown(List<Result> results) {
    StringBuilder out = new StringBuilder();
    out.append("Inference of a batch, medians of runs in turn; ").append(machine()).append(".\n\n");
    out.append(
        "| work | densenet4j | ONNX Runtime | ratio | GFLOP/s | of the peak | logits differ |\n");
    out.append("|---|---|---|---|---|---|---|\n");
    for (Result r : results) {
      out.append(
          "| %s | %.1f ms | %.1f ms | %.2f | %.0f | %.2f | %.0e |%n"
              .formatted(
                  r.work(),
                  r.ours(),
                  r.theirs(),
                  r.ratio(),
                  r.gflops(),
                  r.peakFraction(),
                  r.difference()));
    }
    return out.toString();
  }

  private static Map<String, Object> fields(Result r) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("work", r.work());
    fields.put("densenet4j_ms", r.ours());
    fields.put("onnxruntime_ms", r.theirs());
    fields.put("ratio", r.ratio());
    fields.put("gflops", r.gflops());
    fields.put("peak_fraction", r.peakFraction());
    fields.put("difference", r.difference());
    return fields;
  }

  private static CategoryChart chart(List<Result> results) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(1100)
            .height(520)
            .title("Time of ONNX Runtime = 1 (less is faster)")
            .build();
    chart.getStyler().setXAxisLabelRotation(20);
    chart.getStyler().setLegendVisible(true);
    chart.getStyler().setYAxisDecimalPattern("0.0");
    chart.getStyler().setLocale(Locale.ROOT);
    List<String> works = results.stream().map(Result::work).toList();
    chart.addSeries("densenet4j", works, results.stream().map(Result::ratio).toList());
    chart.addSeries("ONNX Runtime", works, results.stream().map(_ -> 1.0).toList());
    return chart;
  }
}
