package io.github.densenet4j.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * What is wrong with labelled picture files, found by reading all of them once before training.
 *
 * @param data what was looked at
 * @param unreadable pictures that cannot be decoded, each with the reason
 * @param empty files of 0 bytes
 * @param duplicates pictures with the same bytes as an earlier one; the earlier one stays
 * @param smallClasses classes with fewer pictures than needed, with their counts
 * @param kept for each part, the pictures without any of these
 * @param channels 1 if all pictures are gray, else 3
 */
public record DataScan(
    LabelledData data,
    List<String> unreadable,
    List<String> empty,
    List<String> duplicates,
    List<ClassCount> smallClasses,
    List<int[]> kept,
    int channels) {
  /** The fewest usable pictures of a class: one to learn from, one to validate with. */
  public static final int MINIMUM = 2;

  /**
   * How many usable training pictures a class has.
   *
   * @param label the class
   * @param name its name
   * @param pictures the count
   */
  public record ClassCount(int label, String name, int pictures) {
    @Override
    public String toString() {
      return name + " (" + pictures + ")";
    }
  }

  /** How a scan goes on; called by several threads. */
  public interface Progress {
    /** After a picture. */
    void picture(int done, int total);
  }

  /** Reads every file of a data set of files; arrays are taken as they are. */
  public static DataScan of(LabelledData data, Progress progress) {
    return new Scanner(data, progress).scan();
  }

  /** Whether nothing is wrong. */
  public boolean isClean() {
    return unreadable.isEmpty()
        && empty.isEmpty()
        && duplicates.isEmpty()
        && smallClasses.isEmpty();
  }

  /** Everything that is wrong, a line each, under headings with counts. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    add(lines, "unreadable pictures", unreadable);
    add(lines, "empty files", empty);
    add(lines, "duplicates of earlier pictures", duplicates);
    add(lines, "classes with fewer than " + MINIMUM + " usable training pictures", smallClasses);
    return lines;
  }

  private static void add(List<String> lines, String heading, List<?> found) {
    if (!found.isEmpty()) {
      lines.add(found.size() + " " + heading + ":");
      found.forEach(line -> lines.add("  " + line));
    }
  }

  /** The data without everything that is wrong. */
  public LabelledData clean() {
    boolean[] classes = new boolean[data.train().classNames().size()];
    Arrays.fill(classes, true);
    for (ClassCount small : smallClasses) {
      classes[small.label] = false;
    }
    List<Dataset> parts = data.parts();
    List<Dataset> cleaned = new ArrayList<>();
    for (int p = 0; p < parts.size(); p++) {
      Dataset part =
          parts.get(p) instanceof FileDataset files ? files.withChannels(channels) : parts.get(p);
      boolean whole = kept.get(p).length == part.size() && smallClasses.isEmpty();
      cleaned.add(whole ? part : Subset.of(part, inClasses(part, kept.get(p), classes), classes));
    }
    int next = 1;
    Optional<Dataset> validation =
        data.validation().isPresent() ? Optional.of(cleaned.get(next++)) : Optional.empty();
    Optional<Dataset> test =
        data.test().isPresent() ? Optional.of(cleaned.get(next)) : Optional.empty();
    return new LabelledData(cleaned.getFirst(), validation, test);
  }

  /** The pictures that keep a class; of those with several labels all. */
  private static int[] inClasses(Dataset part, int[] indices, boolean[] classes) {
    return IntStream.of(indices)
        .filter(i -> part.multiLabel() || Arrays.stream(part.labels(i)).anyMatch(c -> classes[c]))
        .toArray();
  }

  /** One scan's work. */
  private static final class Scanner {
    private final LabelledData data;
    private final List<Dataset> parts;
    private final Progress progress;
    private final int total;
    private final AtomicInteger done = new AtomicInteger();

    Scanner(LabelledData data, Progress progress) {
      this.data = data;
      this.parts = data.parts();
      this.progress = progress;
      this.total =
          parts.stream().filter(FileDataset.class::isInstance).mapToInt(Dataset::size).sum();
    }

    /** What became of one file: its digest, or why it is of no use. */
    private record Look(long digest, boolean gray, boolean empty, String failure) {}

    DataScan scan() {
      List<String> unreadable = new ArrayList<>();
      List<String> empty = new ArrayList<>();
      List<String> duplicates = new ArrayList<>();
      List<int[]> kept = new ArrayList<>();
      Map<Long, String> first = HashMap.newHashMap(total);
      boolean gray = total > 0;
      for (Dataset part : parts) {
        boolean[] bad = new boolean[part.size()];
        if (part instanceof FileDataset files) {
          Look[] looks = new Look[files.size()];
          IntStream.range(0, looks.length).parallel().forEach(i -> looks[i] = look(files, i));
          for (int i = 0; i < looks.length; i++) {
            Look look = looks[i];
            String name = files.describe(i);
            String earlier = null;
            if (look.empty) {
              empty.add(name);
            } else if (look.failure != null) {
              unreadable.add(look.failure);
            } else {
              gray &= look.gray;
              earlier = first.putIfAbsent(look.digest, name);
              if (earlier != null) {
                duplicates.add(name + " (of " + earlier + ")");
              }
            }
            bad[i] = look.empty || look.failure != null || earlier != null;
          }
        }
        kept.add(LabelledData.where(bad, false));
      }
      int channels = total == 0 ? data.train().channels() : gray ? 1 : 3;
      return new DataScan(
          data, unreadable, empty, duplicates, smallClasses(kept.getFirst()), kept, channels);
    }

    private Look look(FileDataset files, int index) {
      Path file = files.file(index);
      try {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length == 0) {
          return new Look(0, false, true, null);
        }
        Picture picture = PictureDecoder.decode(files.describe(index), bytes);
        return new Look(digest(bytes), picture.channels() == 1, false, null);
      } catch (IOException e) {
        String name = files.describe(index);
        String why =
            switch (e) {
              case DataException _ -> e.getMessage();
              case NoSuchFileException _ -> name + " is not there.";
              default -> name + " cannot be read: " + e + ".";
            };
        return new Look(0, false, false, why);
      } finally {
        progress.picture(done.incrementAndGet(), total);
      }
    }

    /**
     * 64 bits of a cryptographic digest: a million files meet by chance once in 40 million scans.
     */
    private static long digest(byte[] bytes) {
      try {
        return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes)).getLong();
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("This Java has no SHA-256.", e);
      }
    }

    private List<ClassCount> smallClasses(int[] indices) {
      Dataset train = data.train();
      if (total == 0) {
        return List.of();
      }
      int[] counts = new int[train.classNames().size()];
      for (int i : indices) {
        for (int c : train.labels(i)) {
          counts[c]++;
        }
      }
      return IntStream.range(0, counts.length)
          .filter(c -> counts[c] < MINIMUM)
          .mapToObj(c -> new ClassCount(c, train.classNames().get(c), counts[c]))
          .toList();
    }
  }
}
