package io.github.densenet4j.report;

import static io.github.densenet4j.report.NetworkDrawing.INK;
import static io.github.densenet4j.report.NetworkDrawing.INPUT;
import static io.github.densenet4j.report.NetworkDrawing.SOFT;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Summary;
import io.github.densenet4j.report.Drawing.Anchor;
import java.awt.Color;

/**
 * The inside of a dense block: a row a layer with the features that it reads, which are the block's
 * input and what all layers before it added; the layer; and what it adds.
 */
final class BlockDrawing {
  private static final double MARGIN = 28;
  private static final double TOP = 104;
  private static final double NAMES = 78;
  private static final double FEATURES = 400; // width of the concatenation behind the last layer
  private static final double LAYER = 372;
  private static final double GAP = 26;
  private static final double ROWS = 460;

  private final DenseNetConfig config;
  private final Summary.Part part;
  private final int block;
  private final int layers;
  private final int inputs;

  /**
   * A block of a network.
   *
   * @param block from 1
   */
  BlockDrawing(DenseNetConfig config, Summary summary, int block) {
    this.config = config;
    this.block = block;
    this.layers = config.blocks().get(block - 1);
    this.inputs = config.blockInputs().get(block - 1);
    this.part =
        summary.parts().stream()
            .filter(p -> p.name().equals("denseblock" + block))
            .findFirst()
            .orElseThrow();
  }

  Drawing draw(String name) {
    double row = Math.clamp(ROWS / (layers + 1), 15, 46);
    double bar = 0.62 * row;
    double font = Math.clamp(0.36 * row, 8, 12);
    int k = config.growthRate();
    double unit = FEATURES / part.channels();
    double layerX = MARGIN + NAMES + FEATURES + GAP;
    double newX = layerX + LAYER + GAP;
    double newWidth = Math.max(8, k * unit);
    double right = newX + newWidth + 34 + MARGIN;
    Drawing d =
        new Drawing(
            right,
            TOP + row * (layers + 1) + 24,
            name + ", dense block " + block,
            "%d layers: each reads the block's input and everything added before it, and adds %d channels; %d channels become %d."
                .formatted(layers, k, inputs, part.channels()));
    d.bold(MARGIN, 38, name + ", dense block " + block, 19, Anchor.START, INK);
    d.text(
        MARGIN,
        60,
        "%d channels become %d: each of %d layers reads all features before it and adds k = %d, of %d × %d pixels"
            .formatted(inputs, part.channels(), layers, k, part.height(), part.width()),
        12.5,
        Anchor.START,
        SOFT);
    double barX = MARGIN + NAMES;
    heading(d, barX, "features read (concatenated)");
    heading(d, layerX, "layer");
    heading(d, newX, "new");
    for (int l = 0; l <= layers; l++) {
      double y = TOP + l * row;
      boolean last = l == layers;
      d.text(
          barX - 10,
          y + bar / 2 + 0.36 * font,
          last ? "result" : "layer " + (l + 1),
          font,
          Anchor.END,
          SOFT);
      features(d, barX, y, bar, unit, l);
      double end = barX + (inputs + (double) l * k) * unit;
      d.text(
          last ? end - 6 : end + 6,
          last ? y + bar + font + 3 : y + bar / 2 + 0.36 * font,
          (inputs + l * k) + (last ? " channels" : ""),
          font,
          last ? Anchor.END : Anchor.START,
          last ? INK : SOFT);
      if (!last) {
        layer(d, l, y, bar, font, end, layerX, newX, newWidth);
      }
    }
    return d;
  }

  private static void heading(Drawing d, double x, String text) {
    d.bold(x, TOP - 14, text, 11.5, Anchor.START, INK);
  }

  private void features(Drawing d, double x, double y, double bar, double unit, int added) {
    d.box(x, y, inputs * unit, bar, 2, INPUT);
    double at = x + inputs * unit;
    double wide = config.growthRate() * unit;
    for (int l = 0; l < added; l++) {
      d.box(at, y, wide, bar, 0, NetworkDrawing.layerColour(l, layers));
      if (wide > 7) {
        d.line(0.8, Color.WHITE, at, y, at, y + bar);
      }
      at += wide;
    }
  }

  private void layer(
      Drawing d,
      int l,
      double y,
      double bar,
      double font,
      double end,
      double layerX,
      double newX,
      double newWidth) {
    Color colour = NetworkDrawing.layerColour(l, layers);
    double middle = y + bar / 2;
    double number = Drawing.textWidth(Integer.toString(inputs + l * config.growthRate()), font);
    d.arrow(1.2, SOFT, end + 10 + number, middle, layerX - 4, middle);
    int k = config.growthRate();
    if (config.hasBottleneck()) {
      double half = (LAYER - 16) / 2;
      step(d, layerX, y, half, bar, font, "1×1 conv → " + config.bottleneck() * k);
      d.arrow(1.2, SOFT, layerX + half + 1, middle, layerX + half + 15, middle);
      step(d, layerX + half + 16, y, half, bar, font, "3×3 conv → " + k);
    } else {
      step(d, layerX, y, LAYER, bar, font, "3×3 conv → " + k);
    }
    d.arrow(1.2, SOFT, layerX + LAYER + 4, middle, newX - 4, middle);
    d.box(newX, y, newWidth, bar, 2, colour);
    d.text(newX + newWidth + 6, middle + 0.36 * font, "+" + k, font, Anchor.START, SOFT);
  }

  private static void step(
      Drawing d, double x, double y, double w, double bar, double font, String text) {
    d.box(x, y, w, bar, Math.min(6, bar / 3), new Color(0xeef1f6));
    d.text(
        x + w / 2, y + bar / 2 + 0.36 * font, "BN ReLU " + text, 0.92 * font, Anchor.MIDDLE, INK);
  }
}
