package io.github.densenet4j.report;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.StemType;
import io.github.densenet4j.Summary;
import io.github.densenet4j.report.Drawing.Anchor;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Pictures of a network: all of it, and the inside of one dense block. A map's height in the
 * picture stands for its pixels (logarithmically), its width for its channels.
 */
public final class NetworkDrawing {
  static final Color INK = new Color(0x1f2937);
  static final Color SOFT = new Color(0x6b7280);
  static final Color INPUT = new Color(0xc3cad5);
  private static final Color FUNNEL = new Color(0xe8ebf0);
  private static final long MILLION = 1_000_000;
  private static final double MARGIN = 28;
  private static final double GAP = 22;
  private static final double TOP = 96; // of the highest map
  private static final double HIGHEST = 190;
  private static final double LOWEST = 34;
  private static final double ALL_CHANNELS = 560; // width of all blocks together
  private static final double LABEL = 11.5;

  private final DenseNetConfig config;
  private final Summary summary;
  private final int height;
  private final int width;

  /** A network for pictures of height x width pixels. */
  public NetworkDrawing(DenseNetConfig config, int height, int width) {
    this.config = config;
    this.summary = Summary.of(config, height, width);
    this.height = height;
    this.width = width;
  }

  /**
   * One column of the picture: a part with its result.
   *
   * @param inputs channels that come in; of a dense block those that its layers add to
   * @param layers of a dense block, else 0
   */
  private record Column(
      String name, String about, int inputs, int channels, int h, int w, int layers, double map) {
    String shape() {
      return channels + " × " + h + " × " + w;
    }

    double wide() {
      double words =
          Math.max(
              Drawing.textWidth(shape(), LABEL),
              Math.max(
                  Drawing.textWidth(name, LABEL + 1),
                  about.lines().mapToDouble(l -> Drawing.textWidth(l, LABEL - 1)).max().orElse(0)));
      return Math.max(map, words);
    }
  }

  /**
   * Writes PREFIX.svg, PREFIX.png (the network), PREFIX-blockN.svg and PREFIX-blockN.png.
   *
   * @param block from 1
   * @return the files
   */
  public List<Path> write(Path prefix, String name, int block) throws IOException {
    List<Path> files = new ArrayList<>(network(name).write(prefix));
    files.addAll(
        new BlockDrawing(config, summary, block)
            .draw(name)
            .write(prefix.resolveSibling(prefix.getFileName() + "-block" + block)));
    return files;
  }

  /** The network as SVG. */
  public String svg(String name) {
    return network(name).svg();
  }

  /** The inside of a block as SVG. */
  public String blockSvg(String name, int block) {
    return new BlockDrawing(config, summary, block).draw(name).svg();
  }

  private Drawing network(String name) {
    List<Column> columns = columns();
    double all = columns.stream().mapToDouble(c -> c.wide() + GAP).sum() - GAP;
    String description =
        "From the picture through stem, %d dense blocks and transitions to %,d classes: "
                .formatted(config.blocks().size(), config.classes())
            + String.join(", ", columns.stream().map(c -> c.name + " " + c.shape()).toList());
    Drawing d = new Drawing(all + 2 * MARGIN, TOP + HIGHEST + 100, name, description);
    d.bold(MARGIN, 38, name, 19, Anchor.START, INK);
    d.text(
        MARGIN,
        60,
        "%s   ·   growth rate k = %d   ·   %,d parameters   ·   %s multiply-adds a picture"
            .formatted(kind(), config.growthRate(), summary.parameters(), multiplyAdds()),
        12.5,
        Anchor.START,
        SOFT);
    double x = MARGIN;
    double before = -1;
    for (Column column : columns) {
      double middle = x + column.wide() / 2;
      double left = middle - column.map / 2;
      if (before >= 0) {
        double edge = column.name.startsWith("transition") ? left - 6 : left;
        d.arrow(1.6, SOFT, before + 4, axis(), edge - 4, axis());
      }
      map(d, column, left);
      labels(d, column, middle);
      before = left + column.map;
      x += column.wide() + GAP;
    }
    return d;
  }

  private String multiplyAdds() {
    return summary.macs() < MILLION
        ? "%,d".formatted(summary.macs())
        : "%,d million".formatted(summary.macs() / MILLION);
  }

  private String kind() {
    String kind = config.hasBottleneck() ? "DenseNet-B" : "DenseNet";
    return config.compression() < 1 ? kind + (config.hasBottleneck() ? "C" : "-C") : kind;
  }

  private static double axis() {
    return TOP + HIGHEST / 2;
  }

  private double tall(int side) {
    double most = Math.log(Math.max(height, width) + 1.0);
    return LOWEST + (HIGHEST - LOWEST) * Math.log(side) / most;
  }

  private List<Column> columns() {
    List<Column> out = new ArrayList<>();
    List<Integer> inputs = config.blockInputs();
    long total = config.features();
    for (int b = 0; b < inputs.size(); b++) {
      total += inputs.get(b) + (long) config.blocks().get(b) * config.growthRate();
    }
    double unit = ALL_CHANNELS / total;
    out.add(
        new Column(
            "picture",
            config.channels() == 1
                ? "gray"
                : config.channels() == 3 ? "red green blue" : "channels",
            0,
            config.channels(),
            height,
            width,
            0,
            10));
    int block = 0;
    for (Summary.Part part : summary.parts().subList(0, summary.parts().size() - 1)) {
      boolean dense = part.name().startsWith("denseblock");
      int layers = dense ? config.blocks().get(block) : 0;
      int in = dense ? inputs.get(block++) : part.channels();
      double map = Math.max(dense ? 30 : 10, part.channels() * unit);
      out.add(
          new Column(
              part.name(),
              about(part, layers),
              in,
              part.channels(),
              part.height(),
              part.width(),
              layers,
              map));
    }
    int features = config.features();
    out.add(
        new Column(
            "pool",
            "BN, ReLU\nglobal average",
            features,
            features,
            1,
            1,
            0,
            Math.max(10, features * unit)));
    out.add(new Column("classifier", "linear", 0, config.classes(), 1, 1, 0, 14));
    return out;
  }

  private String about(Summary.Part part, int layers) {
    if (layers > 0) {
      return layers + (layers == 1 ? " layer" : " layers");
    }
    if (part.name().equals("stem")) {
      return config.stem() == StemType.CIFAR ? "3×3 conv" : "7×7 conv, /2\n3×3 max pool, /2";
    }
    return "1×1 conv\n2×2 average pool";
  }

  /** Input channels gray, each layer's new ones in its own colour. */
  private void map(Drawing d, Column column, double left) {
    double tall = tall(Math.max(column.h, column.w));
    double top = axis() - tall / 2;
    if (column.name.startsWith("transition")) {
      d.polygon(
          FUNNEL,
          left - 6,
          top - 16,
          left + column.map + 2,
          top,
          left + column.map + 2,
          top + tall,
          left - 6,
          top + tall + 16);
    }
    double perChannel = column.map / column.channels;
    d.box(left, top, column.map, tall, 2, INPUT);
    double x = left + column.inputs * perChannel;
    for (int l = 0; l < column.layers; l++) {
      double next = config.growthRate() * perChannel;
      d.box(
          x, top, next + (l < column.layers - 1 ? 0.3 : 0), tall, 0, layerColour(l, column.layers));
      x += next;
    }
  }

  static Color layerColour(int layer, int layers) {
    return Drawing.hue(layers == 1 ? 0.2 : (double) layer / (layers - 1));
  }

  private static void labels(Drawing d, Column column, double middle) {
    double y = TOP + HIGHEST + 26;
    d.bold(middle, y, column.name, LABEL + 1, Anchor.MIDDLE, INK);
    d.text(middle, y + 17, column.shape(), LABEL, Anchor.MIDDLE, INK);
    double line = y + 33;
    for (String about : column.about.lines().toList()) {
      d.text(middle, line, about, LABEL - 1, Anchor.MIDDLE, SOFT);
      line += 14;
    }
  }
}
