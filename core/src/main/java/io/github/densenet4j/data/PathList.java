package io.github.densenet4j.data;

import java.util.ArrayList;
import java.util.List;

/**
 * Paths in about as many bytes as they have letters, since there may be millions: blocks of 64 are
 * one string each, which begins with what its paths have in common.
 */
final class PathList {
  private static final int BLOCK = 64;

  /** Behind each piece of a block; in no path of any system. */
  private static final char END = '\0';

  /** What a string takes besides its letters, with its place in a list. */
  private static final int OVERHEAD = 48;

  private final List<String> blocks;
  private final int size;
  private final long bytes;

  private PathList(List<String> blocks, int size) {
    this.blocks = List.copyOf(blocks);
    this.size = size;
    this.bytes = blocks.stream().mapToLong(PathList::bytes).sum();
  }

  /** Takes paths, in any order; those with the same beginning should follow one another. */
  static final class Builder {
    private final List<String> blocks = new ArrayList<>();
    private final List<String> open = new ArrayList<>(BLOCK);

    void add(String path) {
      if (path.indexOf(END) >= 0) {
        throw new IllegalArgumentException(path + " has a character of code 0: it is no path.");
      }
      open.add(path);
      if (open.size() == BLOCK) {
        blocks.add(block(open));
        open.clear();
      }
    }

    PathList build() {
      List<String> all = new ArrayList<>(blocks);
      if (!open.isEmpty()) {
        all.add(block(open));
      }
      return new PathList(all, blocks.size() * BLOCK + open.size());
    }
  }

  private static String block(List<String> paths) {
    String first = paths.getFirst();
    int common = first.length();
    for (String path : paths) {
      common = Math.min(common, path.length());
      while (!path.regionMatches(0, first, 0, common)) {
        common--;
      }
    }
    StringBuilder block = new StringBuilder(first.substring(0, common)).append(END);
    for (String path : paths) {
      block.append(path, common, path.length()).append(END);
    }
    return block.toString();
  }

  /** The JVM keeps letters up to U+00FF in a byte each if a string has no others. */
  private static long bytes(String block) {
    boolean narrow = block.chars().allMatch(c -> c < 256);
    return OVERHEAD + (narrow ? 1L : 2L) * block.length();
  }

  int size() {
    return size;
  }

  /** A path. */
  String get(int index) {
    String block = blocks.get(index / BLOCK);
    int common = block.indexOf(END);
    int from = common + 1;
    for (int i = index % BLOCK; i > 0; i--) {
      from = block.indexOf(END, from) + 1;
    }
    return block.substring(0, common) + block.substring(from, block.indexOf(END, from));
  }

  /** Bytes of memory that all of them take; about. */
  long bytes() {
    return bytes;
  }
}
