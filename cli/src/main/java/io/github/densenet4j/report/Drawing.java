package io.github.densenet4j.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** A picture of a few simple shapes, written as SVG or PNG from the same description. */
final class Drawing {
  private static final int PNG_SCALE = 2; // for screens with fine pixels
  private static final double ARROW = 5;
  private static final String FONTS =
      "Inter, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif";

  /** Where a text lies relative to its point. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  /** What a picture consists of. */
  private sealed interface Shape {}

  private record Box(double x, double y, double w, double h, double radius, Color fill)
      implements Shape {}

  private record Polygon(double[] points, Color fill) implements Shape {}

  private record Stroke(double[] points, double width, Color colour) implements Shape {}

  private record Text(
      double x, double y, String text, double size, boolean bold, Anchor anchor, Color colour)
      implements Shape {}

  private final double width;
  private final double height;
  private final String title;
  private final String description;
  private final List<Shape> shapes = new ArrayList<>();

  /**
   * An empty, white picture.
   *
   * @param title for those who cannot see it: what it is
   * @param description what it shows
   */
  Drawing(double width, double height, String title, String description) {
    this.width = width;
    this.height = height;
    this.title = title;
    this.description = description;
    box(0, 0, width, height, 12, Color.WHITE);
  }

  void box(double x, double y, double w, double h, double radius, Color fill) {
    shapes.add(new Box(x, y, w, h, radius, fill));
  }

  /** A filled polygon of x, y, x, y, ... */
  void polygon(Color fill, double... points) {
    shapes.add(new Polygon(points, fill));
  }

  /** A line through x, y, x, y, ... */
  void line(double lineWidth, Color colour, double... points) {
    shapes.add(new Stroke(points, lineWidth, colour));
  }

  /** The same, with a tip at its end. */
  void arrow(double lineWidth, Color colour, double... points) {
    int n = points.length;
    double x = points[n - 2];
    double y = points[n - 1];
    double dx = x - points[n - 4];
    double dy = y - points[n - 3];
    double length = Math.hypot(dx, dy);
    dx *= ARROW / length;
    dy *= ARROW / length;
    double[] shaft = points.clone();
    shaft[n - 2] = x - dx;
    shaft[n - 1] = y - dy;
    line(lineWidth, colour, shaft);
    polygon(
        colour,
        x,
        y,
        x - 1.6 * dx - 0.8 * dy,
        y - 1.6 * dy + 0.8 * dx,
        x - 1.6 * dx + 0.8 * dy,
        y - 1.6 * dy - 0.8 * dx);
  }

  /** Text whose baseline is at y. */
  void text(double x, double y, String text, double size, Anchor anchor, Color colour) {
    shapes.add(new Text(x, y, text, size, false, anchor, colour));
  }

  /** The same in bold. */
  void bold(double x, double y, String text, double size, Anchor anchor, Color colour) {
    shapes.add(new Text(x, y, text, size, true, anchor, colour));
  }

  /** About how wide a text is: that of a wide sans-serif. */
  static double textWidth(String text, double size) {
    return 0.62 * size * text.length();
  }

  /**
   * A colour of a series, all of about the same lightness: hues from teal over blue and violet to
   * orange in the OKLCH space (Ottosson, 2020).
   *
   * @param position in [0, 1]
   */
  static Color hue(double position) {
    double angle = Math.toRadians(190 + 225 * position);
    double l = 0.70;
    double a = 0.125 * Math.cos(angle);
    double b = 0.125 * Math.sin(angle);
    double l1 = Math.pow(l + 0.3963377774 * a + 0.2158037573 * b, 3);
    double m1 = Math.pow(l - 0.1055613458 * a - 0.0638541728 * b, 3);
    double s1 = Math.pow(l - 0.0894841775 * a - 1.2914855480 * b, 3);
    return new Color(
        gamma(4.0767416621 * l1 - 3.3077115913 * m1 + 0.2309699292 * s1),
        gamma(-1.2684380046 * l1 + 2.6097574011 * m1 - 0.3413193965 * s1),
        gamma(-0.0041960863 * l1 - 0.7034186147 * m1 + 1.7076147010 * s1));
  }

  private static float gamma(double linear) {
    double x = Math.clamp(linear, 0.0, 1.0);
    return (float)
        Math.clamp(x <= 0.0031308 ? 12.92 * x : 1.055 * Math.pow(x, 1 / 2.4) - 0.055, 0, 1);
  }

  // ---- SVG

  /** The picture as SVG. */
  String svg() {
    StringBuilder out = new StringBuilder();
    out.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %s %s\" width=\"%s\" height=\"%s\" role=\"img\" font-family=\"%s\">%n"
            .formatted(number(width), number(height), number(width), number(height), FONTS));
    out.append("<title>").append(escape(title)).append("</title>\n");
    out.append("<desc>").append(escape(description)).append("</desc>\n");
    for (Shape shape : shapes) {
      out.append(svg(shape)).append('\n');
    }
    return out.append("</svg>\n").toString();
  }

  private static String svg(Shape shape) {
    return switch (shape) {
      case Box b ->
          "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"%s\" fill=\"%s\"/>"
              .formatted(
                  number(b.x),
                  number(b.y),
                  number(b.w),
                  number(b.h),
                  number(b.radius),
                  hex(b.fill));
      case Polygon p ->
          "<polygon points=\"%s\" fill=\"%s\"/>".formatted(points(p.points), hex(p.fill));
      case Stroke s ->
          "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%s\" stroke-linejoin=\"round\"/>"
              .formatted(points(s.points), hex(s.colour), number(s.width));
      case Text t ->
          "<text x=\"%s\" y=\"%s\" font-size=\"%s\"%s text-anchor=\"%s\" fill=\"%s\">%s</text>"
              .formatted(
                  number(t.x),
                  number(t.y),
                  number(t.size),
                  t.bold ? " font-weight=\"600\"" : "",
                  t.anchor.name().toLowerCase(Locale.ROOT),
                  hex(t.colour),
                  escape(t.text));
    };
  }

  private static String points(double[] points) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < points.length; i += 2) {
      out.append(i == 0 ? "" : " ").append(number(points[i])).append(',');
      out.append(number(points[i + 1]));
    }
    return out.toString();
  }

  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.replaceAll("\\.?0+$", "");
  }

  private static String hex(Color c) {
    return "#%02x%02x%02x".formatted(c.getRed(), c.getGreen(), c.getBlue());
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  // ---- PNG

  /** The picture in pixels, two for each unit. */
  BufferedImage image() {
    BufferedImage image =
        new BufferedImage(
            (int) Math.ceil(width * PNG_SCALE),
            (int) Math.ceil(height * PNG_SCALE),
            BufferedImage.TYPE_INT_ARGB);
    Graphics2D g = image.createGraphics();
    g.scale(PNG_SCALE, PNG_SCALE);
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    for (Shape shape : shapes) {
      paint(g, shape);
    }
    g.dispose();
    return image;
  }

  private static void paint(Graphics2D g, Shape shape) {
    switch (shape) {
      case Box b -> {
        g.setColor(b.fill);
        g.fill(new RoundRectangle2D.Double(b.x, b.y, b.w, b.h, 2 * b.radius, 2 * b.radius));
      }
      case Polygon p -> {
        g.setColor(p.fill);
        Path2D path = path(p.points);
        path.closePath();
        g.fill(path);
      }
      case Stroke s -> {
        g.setColor(s.colour);
        g.setStroke(new BasicStroke((float) s.width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND));
        g.draw(path(s.points));
      }
      case Text t -> {
        g.setColor(t.colour);
        Font font = new Font(Font.SANS_SERIF, t.bold ? Font.BOLD : Font.PLAIN, 1);
        g.setFont(font.deriveFont((float) t.size));
        double w = g.getFontMetrics().getStringBounds(t.text, g).getWidth();
        double x = t.x - w * t.anchor.ordinal() / 2.0;
        g.drawString(t.text, (float) x, (float) t.y);
      }
    }
  }

  private static Path2D path(double[] points) {
    Path2D path = new Path2D.Double();
    path.moveTo(points[0], points[1]);
    for (int i = 2; i < points.length; i += 2) {
      path.lineTo(points[i], points[i + 1]);
    }
    return path;
  }

  /** Writes PREFIX.svg and PREFIX.png and returns both. */
  List<Path> write(Path prefix) throws IOException {
    Path folder = prefix.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path svg = folder.resolve(prefix.getFileName() + ".svg");
    Path png = folder.resolve(prefix.getFileName() + ".png");
    Files.writeString(svg, svg());
    ImageIO.write(image(), "png", png.toFile());
    return List.of(svg, png);
  }
}
