package io.github.densenet4j.report;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.metrics.Outputs;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;

/**
 * The most confident mistakes as one picture, with what each is and what it was named: one picture
 * an epoch can be leafed through in TensorBoard.
 */
final class MistakeSheet {
  private static final int COLUMNS = 6;
  private static final int ROWS = 4;
  private static final int SIDE = 112;
  private static final int CELL = 136;
  private static final int LINE = 14;
  private static final int CELL_HEIGHT = SIDE + 3 * LINE + 6;

  private MistakeSheet() {}

  /** The sheet; its height depends on how many there are, at least a row. */
  static BufferedImage of(Dataset data, Outputs outputs, List<String> names) throws IOException {
    List<Shown.Entry> mistakes =
        Shown.entries(outputs).stream()
            .filter(e -> e.label() != e.predicted())
            .limit(COLUMNS * ROWS)
            .toList();
    int rows = Math.max(1, Math.ceilDiv(mistakes.size(), COLUMNS));
    BufferedImage sheet =
        new BufferedImage(COLUMNS * CELL, rows * CELL_HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = sheet.createGraphics();
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
    if (mistakes.isEmpty()) {
      write(g, "no mistakes", 0, LINE);
    }
    for (int i = 0; i < mistakes.size(); i++) {
      Shown.Entry e = mistakes.get(i);
      int x = i % COLUMNS * CELL;
      int y = i / COLUMNS * CELL_HEIGHT;
      draw(g, Thumbnail.image(data.picture(e.picture())), x, y);
      write(g, "is " + names.get(e.label()), x, y + SIDE + LINE);
      write(g, "named " + names.get(e.predicted()), x, y + SIDE + 2 * LINE);
      write(g, "with %.0f %%".formatted(100 * e.confidence()), x, y + SIDE + 3 * LINE);
    }
    g.dispose();
    return sheet;
  }

  /** Tiny pictures grow by whole factors, so that pixels stay squares. */
  private static void draw(Graphics2D g, BufferedImage picture, int x, int y) {
    int factor = Math.max(1, SIDE / Math.max(picture.getWidth(), picture.getHeight()));
    g.drawImage(
        picture, x + 4, y + 4, factor * picture.getWidth(), factor * picture.getHeight(), null);
  }

  private static void write(Graphics2D g, String text, int x, int y) {
    FontMetrics metrics = g.getFontMetrics();
    String fitting = text;
    while (metrics.stringWidth(fitting) > CELL - 8) {
      fitting = fitting.substring(0, fitting.length() - 2) + "…";
    }
    g.setColor(Color.BLACK);
    g.drawString(fitting, x + 4, y);
  }
}
