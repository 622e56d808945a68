package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.StemWinograd;

/**
 * The stem's 7x7 convolution with stride 2 in inference, by {@link StemWinograd}'s algorithm: four
 * rows of results at a time.
 */
final class StemProduct {
  private static final int STEP = StemWinograd.STEP;
  private static final int PHASES = StemWinograd.PHASES;
  private static final int M_FLOATS = 100_000; // of planes, so that they stay in the second cache

  final Window window;
  private final Plan plan;
  private final Maps pictures;
  private final StemWeights weights;
  private final int channels;
  private final int[] windowRows; // where each (phase of rows, channel, column) begins in a plane
  private final int block; // output channels that are made together
  private final int panels;
  private final int tPhase;
  private final int tPlane;
  private final int mPitch;
  private final int mPlane;
  private final int tAt;
  private final int panelsAt;
  private final int mAt;
  private final int tileAt;

  /** A product for so many output channels. */
  StemProduct(Plan plan, Maps pictures, int m) {
    this.plan = plan;
    this.pictures = pictures;
    this.channels = pictures.channels;
    this.window = new Window(StemWeights.TAPS, 2, pictures.height, pictures.width);
    this.weights = new StemWeights(plan, m, channels);
    this.panels = Math.ceilDiv(window.width, Kernels.PANEL);
    // whole panels are gathered, from the window's columns on
    int most = panels * Kernels.PANEL + StemWeights.TAPS / 2;
    this.tPhase = Kernels.wholeLines(Math.max(window.pitch, most)) + Kernels.SLACK;
    this.tPlane = PHASES * channels * tPhase;
    this.mPitch = panels * Kernels.PANEL + 16;
    int blocks = M_FLOATS / (StemWinograd.PLANES * mPitch * Kernels.ROW_BLOCK);
    this.block = Math.min(m, Math.max(1, blocks) * Kernels.ROW_BLOCK);
    this.mPlane = Math.ceilDiv(block, Kernels.ROW_BLOCK) * Kernels.ROW_BLOCK * mPitch + 16;
    this.tAt =
        Kernels.aligned(Kernels.ALIGNED + channels * window.channelFloats(STEP) + Kernels.SLACK);
    this.panelsAt = Kernels.aligned(tAt + StemWinograd.PLANES * tPlane + Kernels.SLACK);
    this.mAt = Kernels.aligned(panelsAt + panels * weights.depth(0) * Kernels.PANEL);
    this.tileAt = Kernels.aligned(mAt + StemWinograd.PLANES * mPlane + Kernels.SLACK);
    this.windowRows = new int[weights.depth(0)];
    int half = channels * StemWeights.TAPS;
    for (int i = 0; i < windowRows.length; i++) {
      int channel = i % half / StemWeights.TAPS;
      int column = i % StemWeights.TAPS;
      windowRows[i] = (PHASES * channel + 2 * (i / half) + column % 2) * tPhase + column / 2;
    }
  }

  StemWeights weights() {
    return weights;
  }

  /** Floats of scratch that {@link #rows} needs. */
  int scratch() {
    return tileAt + Kernels.TILE_SCRATCH;
  }

  /**
   * Rows [from, to) of a picture's result, plus bias (M): some of the four from {@code top}, a
   * multiple of four, on. What they are does not depend on which of the others are asked for.
   *
   * @param yAt where row {@code top} of the first channel begins, or would begin
   * @param yPitch distance between channels
   * @param yLine distance between rows, whole vectors of which are written
   */
  void rows(
      int picture,
      int top,
      int from,
      int to,
      float[] bias,
      float[] y,
      int yAt,
      int yPitch,
      int yLine,
      float[] scratch) {
    Kernels kernels = plan.engine.kernels();
    int row = picture * window.height + top;
    int rows = Math.min(STEP, window.height - top);
    window.pack(
        plan,
        Prologue.NONE,
        pictures.rows(0),
        0,
        channels,
        row,
        row + rows,
        STEP,
        scratch,
        Kernels.ALIGNED);
    int phase = window.channelFloats(STEP) / PHASES;
    kernels.stemInput(
        scratch, Kernels.ALIGNED, phase, channels, window.pitch, scratch, tAt, tPlane, tPhase);
    for (int m = 0; m < weights.rows(); m += block) {
      int count = Math.min(block, weights.rows() - m);
      for (int plane = 0; plane < StemWinograd.PLANES; plane++) {
        multiply(kernels, plane, m, count, scratch);
      }
      kernels.stemOutput(
          scratch,
          mAt,
          mPlane,
          mPitch,
          count,
          from - top,
          to - top,
          window.width,
          bias,
          m,
          y,
          yAt + m * yPitch,
          yPitch,
          yLine);
    }
  }

  private void multiply(Kernels kernels, int plane, int m, int count, float[] scratch) {
    int k = weights.depth(plane);
    int from = tAt + plane * tPlane;
    for (int i = 0; i < panels; i++) {
      int to = panelsAt + i * k * Kernels.PANEL;
      kernels.gather(scratch, from + i * Kernels.PANEL, windowRows, k, scratch, to);
    }
    kernels.product(
        weights.array(),
        weights.at(plane) + m * k,
        count,
        k,
        scratch,
        panelsAt,
        null,
        0,
        scratch,
        mAt + plane * mPlane,
        mPitch,
        Math.min(panels * Kernels.PANEL, Kernels.wholeLines(window.width)),
        scratch,
        tileAt);
  }
}
