package io.github.densenet4j.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
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
 * @param decodedBytes for each part, what its readable pictures take when they are decoded
 * @param memory of the good files, for the next scan
 */
public record DataScan(
    LabelledData data,
    List<String> unreadable,
    List<String> empty,
    List<String> duplicates,
    List<ClassCount> smallClasses,
    List<int[]> kept,
    int channels,
    List<Long> decodedBytes,
    ScanMemory memory) {
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
    return of(data, ScanMemory.none(), progress);
  }

  /**
   * Reads every file that is not as an earlier scan remembers it.
   *
   * @param known of an earlier scan
   */
  public static DataScan of(LabelledData data, ScanMemory known, Progress progress) {
    return new Scanner(data, known, progress).scan();
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
          parts.get(p) instanceof FileDataset files
              ? files.decoded(channels, decodedBytes.get(p))
              : parts.get(p);
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
    private final ScanMemory known;
    private final Progress progress;
    private final int total;
    private final AtomicInteger done = new AtomicInteger();
    private final List<Looks> looks = new ArrayList<>(); // null for arrays

    Scanner(LabelledData data, ScanMemory known, Progress progress) {
      this.data = data;
      this.known = known;
      this.progress = progress;
      this.total =
          data.parts().stream().filter(FileDataset.class::isInstance).mapToInt(Dataset::size).sum();
    }

    /** What became of the files of one part: a few bytes each, since there may be millions. */
    private static final class Looks {
      final FileDataset files;
      final long[] keys;
      final long[] digests;
      final int[] decoded;
      final boolean[] gray;
      final boolean[] bad;
      final Map<Integer, String> failures = new ConcurrentSkipListMap<>(); // "" if empty

      Looks(FileDataset files) {
        this.files = files;
        this.keys = new long[files.size()];
        this.digests = new long[files.size()];
        this.decoded = new int[files.size()];
        this.gray = new boolean[files.size()];
        this.bad = new boolean[files.size()];
      }

      void fail(int index, String why) {
        bad[index] = true;
        failures.put(index, why);
      }
    }

    DataScan scan() {
      for (Dataset part : data.parts()) {
        Looks found = part instanceof FileDataset files ? new Looks(files) : null;
        looks.add(found);
        if (found != null) {
          IntStream.range(0, part.size()).parallel().forEach(i -> look(found, i));
        }
      }
      List<String> duplicates = duplicates();
      List<String> unreadable = new ArrayList<>();
      List<String> empty = new ArrayList<>();
      List<int[]> kept = new ArrayList<>();
      List<Long> decoded = new ArrayList<>();
      boolean gray = total > 0;
      for (int p = 0; p < looks.size(); p++) {
        Looks part = looks.get(p);
        boolean[] bad = part == null ? new boolean[data.parts().get(p).size()] : part.bad;
        kept.add(LabelledData.where(bad, false));
        decoded.add(part == null ? 0 : Arrays.stream(part.decoded).asLongStream().sum());
        if (part != null) {
          part.failures.forEach(
              (i, why) -> {
                if (why.isEmpty()) {
                  empty.add(part.files.describe(i));
                } else {
                  unreadable.add(why);
                }
              });
          gray &= IntStream.range(0, bad.length).allMatch(i -> part.gray[i] || isFailure(part, i));
        }
      }
      int channels = total == 0 ? data.train().channels() : gray ? 1 : 3;
      return new DataScan(
          data,
          unreadable,
          empty,
          duplicates,
          smallClasses(kept.getFirst()),
          kept,
          channels,
          decoded,
          memory());
    }

    private static boolean isFailure(Looks part, int index) {
      return part.bad[index] && part.failures.containsKey(index);
    }

    /** Names what has the same bytes as something before it, and marks it. */
    private List<String> duplicates() {
      long[] sorted = new long[total];
      int count = 0;
      for (Looks part : looks) {
        for (int i = 0; part != null && i < part.bad.length; i++) {
          if (!part.bad[i]) {
            sorted[count++] = part.digests[i];
          }
        }
      }
      Arrays.sort(sorted, 0, count);
      Map<Long, String> first = new HashMap<>(); // of those that come twice
      for (int i = 1; i < count; i++) {
        if (sorted[i] == sorted[i - 1]) {
          first.put(sorted[i], null);
        }
      }
      List<String> names = new ArrayList<>();
      for (Looks part : looks) {
        for (int i = 0; part != null && i < part.bad.length; i++) {
          if (!part.bad[i] && first.containsKey(part.digests[i])) {
            String name = part.files.describe(i);
            String earlier = first.putIfAbsent(part.digests[i], name);
            if (earlier != null) {
              names.add(name + " (of " + earlier + ")");
              part.bad[i] = true;
            }
          }
        }
      }
      return names;
    }

    private ScanMemory memory() {
      long[] keys = new long[total];
      long[] digests = new long[total];
      int[] decoded = new int[total];
      boolean[] gray = new boolean[total];
      int count = 0;
      for (Looks part : looks) {
        for (int i = 0; part != null && i < part.bad.length; i++) {
          if (part.keys[i] != 0) {
            keys[count] = part.keys[i];
            digests[count] = part.digests[i];
            decoded[count] = part.decoded[i];
            gray[count++] = part.gray[i];
          }
        }
      }
      return ScanMemory.of(keys, digests, decoded, gray, count);
    }

    private void look(Looks part, int index) {
      String name = part.files.describe(index);
      Path file = part.files.file(index);
      try {
        long key = ScanMemory.key(file);
        int at = known.find(key);
        if (at >= 0) {
          part.digests[index] = known.digest(at);
          part.decoded[index] = known.decoded(at);
          part.gray[index] = known.gray(at);
        } else {
          byte[] bytes = Files.readAllBytes(file);
          if (bytes.length == 0) {
            part.fail(index, "");
            return;
          }
          Picture picture = PictureDecoder.decode(name, bytes);
          part.decoded[index] = picture.pixels().length;
          part.gray[index] = picture.channels() == 1;
          part.digests[index] = ScanMemory.digest(bytes);
        }
        part.keys[index] = key;
      } catch (IOException e) {
        part.fail(
            index,
            switch (e) {
              case DataException _ -> e.getMessage();
              case NoSuchFileException _ -> name + " is not there.";
              default -> name + " cannot be read: " + e + ".";
            });
      } finally {
        progress.picture(done.incrementAndGet(), total);
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
