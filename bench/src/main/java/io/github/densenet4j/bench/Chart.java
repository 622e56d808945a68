package io.github.densenet4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.style.Styler;

/** Bars of our time by the peers', with marks for the goals. */
final class Chart {
  private Chart() {}

  /** Draws the rows that compare times and have no goal in milliseconds; nothing without any. */
  static void write(Path file, List<Row> rows) throws IOException {
    List<Row> drawn =
        rows.stream()
            .filter(row -> row.unit().equals("ms") && !Double.isNaN(row.ratio()))
            .filter(row -> row.goal() == null || row.goal().of() == Goal.Of.RATIO)
            .toList();
    if (drawn.isEmpty()) {
      return;
    }
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(1300)
            .height(800)
            .title("Time of densenet4j; the peer's = 1 (less is faster)")
            .build();
    chart.getStyler().setXAxisLabelRotation(90);
    chart.getStyler().setXAxisTickMarkSpacingHint(30); // a label for each bar
    chart.getStyler().setYAxisDecimalPattern("0.0");
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisMax(Math.max(1.1, 1.05 * largest(drawn)));
    chart.getStyler().setLocale(Locale.ROOT);
    chart.getStyler().setOverlapped(true);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideS);
    chart.getStyler().setLegendLayout(Styler.LegendLayout.Horizontal);
    List<String> works = drawn.stream().map(row -> row.table() + " / " + row.peer()).toList();
    chart.addSeries("densenet4j", works, drawn.stream().map(Row::ratio).toList());
    marks(chart, "must", works, drawn, Goal::must);
    marks(chart, "aim", works, drawn, Goal::aim);
    ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", file.toFile());
  }

  /** The highest bar or mark. */
  private static double largest(List<Row> rows) {
    return rows.stream()
        .mapToDouble(row -> Math.max(row.ratio(), row.goal() == null ? 0 : row.goal().must()))
        .max()
        .orElseThrow();
  }

  private static void marks(
      CategoryChart chart,
      String name,
      List<String> works,
      List<Row> rows,
      ToDoubleFunction<Goal> value) {
    List<Double> marks =
        rows.stream()
            .map(row -> row.goal() == null ? null : value.applyAsDouble(row.goal()))
            .toList(); // null: no mark
    if (marks.stream().anyMatch(Objects::nonNull)) {
      chart
          .addSeries(name, works, marks)
          .setChartCategorySeriesRenderStyle(CategorySeriesRenderStyle.Scatter);
    }
  }
}
