package io.github.densenet4j.report;

import io.github.densenet4j.metrics.Outputs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which pictures a report shows: of each cell of the confusion matrix the most confident ones, the
 * most confident mistakes, and the least confident hits. Their number is bounded, so that a page
 * stays small whatever the data; wrong cells come before right ones, full ones before empty ones.
 */
final class Shown {
  private static final int PICTURES = 600;
  private static final int PICTURES_LIVE = 200;
  private static final int MISTAKES_A_CELL = 12;
  private static final int HITS_A_CELL = 6;
  private static final int LISTED = 24;

  /** A picture and what was said of it. */
  record Entry(int picture, int label, int predicted, double confidence) {}

  private final Map<String, List<Entry>> cells = new LinkedHashMap<>();
  private final List<Entry> mistakes;
  private final List<Entry> doubts;
  private final Map<Integer, String> pictures = new TreeMap<>();
  private final Map<Integer, String> thumbnails;

  /** Those of a report. */
  Shown(Evaluated evaluated) throws IOException {
    this(evaluated, PICTURES, new HashMap<>());
  }

  /**
   * Those of a page that is made anew behind each epoch, fewer.
   *
   * @param thumbnails of earlier pages, by picture; new ones are added
   */
  static Shown live(Evaluated evaluated, Map<Integer, String> thumbnails) throws IOException {
    return new Shown(evaluated, PICTURES_LIVE, thumbnails);
  }

  private Shown(Evaluated evaluated, int most, Map<Integer, String> thumbnails) throws IOException {
    this.thumbnails = thumbnails;
    List<Entry> all = entries(evaluated.outputs());
    mistakes = all.stream().filter(e -> e.label != e.predicted).limit(LISTED).toList();
    doubts = all.reversed().stream().filter(e -> e.label == e.predicted).limit(LISTED).toList();
    add(evaluated, mistakes);
    add(evaluated, doubts);
    Map<List<Integer>, List<Entry>> byCell = new LinkedHashMap<>();
    for (Entry entry : all) {
      byCell
          .computeIfAbsent(List.of(entry.label, entry.predicted), _ -> new ArrayList<>())
          .add(entry);
    }
    List<Map.Entry<List<Integer>, List<Entry>>> order = new ArrayList<>(byCell.entrySet());
    order.sort(
        Comparator.comparing(
                (Map.Entry<List<Integer>, List<Entry>> c) ->
                    c.getKey().getFirst().equals(c.getKey().getLast()))
            .thenComparing(c -> -c.getValue().size()));
    for (Map.Entry<List<Integer>, List<Entry>> cell : order) {
      boolean right = cell.getKey().getFirst().equals(cell.getKey().getLast());
      List<Entry> some =
          cell.getValue().stream().limit(right ? HITS_A_CELL : MISTAKES_A_CELL).toList();
      if (pictures.size() + some.size() <= most) {
        add(evaluated, some);
        cells.put(cell.getKey().getFirst() + "," + cell.getKey().getLast(), some);
      }
    }
  }

  private void add(Evaluated evaluated, List<Entry> entries) throws IOException {
    for (Entry entry : entries) {
      String thumbnail = thumbnails.get(entry.picture);
      if (thumbnail == null) {
        thumbnail = Thumbnail.address(evaluated.data().picture(entry.picture));
        thumbnails.put(entry.picture, thumbnail);
      }
      pictures.put(entry.picture, thumbnail);
    }
  }

  /** Every picture, the most confident first. */
  static List<Entry> entries(Outputs outputs) {
    List<Entry> out = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      int predicted = outputs.predicted(i);
      double confidence = Math.exp(outputs.logit(i, predicted) - outputs.logNormaliser(i));
      out.add(new Entry(i, outputs.labels()[i], predicted, confidence));
    }
    out.sort(Comparator.comparingDouble(e -> -e.confidence));
    return out;
  }

  void addTo(Map<String, Object> data) {
    data.put("pictures", pictures);
    data.put("cells", cells);
    data.put("mistakes", mistakes);
    data.put("doubts", doubts);
  }
}
