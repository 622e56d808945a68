package io.github.densenet4j.bench;

import java.util.List;

/** Something to measure, beside the peers that can do it. */
interface Work {
  /** What names it on the command line. */
  String name();

  /** What it is, for the list of works. */
  String about();

  /** Measures it. */
  List<Row> measure(Setting setting) throws Exception;
}
