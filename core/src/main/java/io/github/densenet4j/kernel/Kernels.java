package io.github.densenet4j.kernel;

/**
 * The arithmetic of a DenseNet on plain arrays: everything that costs time, and nothing that knows
 * what a network is.
 *
 * <p>Matrices are rows of contiguous pixels. A matrix {@code x (R,P)} is an array, the index of its
 * first element ({@code xAt}) and the distance between its rows ({@code xPitch}); {@code P} is the
 * number of pixels used in each row. The two implementations are interchangeable: {@link
 * ScalarKernels} is the readable truth and every test's oracle, {@link VectorKernels} is fast.
 *
 * <p>Long because each operation is named once, with what it may read and write.
 *
 * <p>Rules that all methods share:
 *
 * <ul>
 *   <li>They write exactly the elements that their first line names, never beyond.
 *   <li>They may read, but never use, up to {@link #SLACK} floats beyond the last element named,
 *       where the array is that long: callers allocate arrays of pixels with {@code SLACK} spare
 *       elements at the end.
 *   <li>The same input gives the same bits every time, in the interpreter and compiled, on any
 *       thread. (So no floating-point {@code reduceLanes}: its order is not specified.)
 *   <li>They allocate nothing.
 * </ul>
 */
public sealed interface Kernels permits ScalarKernels, VectorKernels {

  /**
   * Floats that must exist behind the last pixel of an array, so that whole vectors can be read:
   * 64.
   */
  int SLACK = 64;

  /**
   * Index of an array's first float that may lie at the beginning of a cache line: 12, since 16
   * bytes of header come before index 0. It does where the JVM places all objects at multiples of
   * 64 bytes ({@code -XX:ObjectAlignmentInBytes=64}, which the launchers set); a vector that begins
   * a multiple of 16 floats behind it is then read from one line, not from two.
   */
  int ALIGNED = 12;

  /** Floats of scratch that {@link #product}, {@link #packRows}, {@link #transpose} need: 2048. */
  int TILE_SCRATCH = 2048;

  /** Rows that {@link #correlate} takes together: 16. */
  int CORRELATE_ROWS = 16;

  /** Floats of scratch that {@link Winograd}'s transforms need: 576. */
  int WINOGRAD_SCRATCH = 576;

  /**
   * Rows of tiles that {@link #winogradInput} takes together, so that they stay in the first cache.
   */
  int WINOGRAD_ROWS = 4;

  /** A product may begin at any multiple of this many rows of packed weights: 8. */
  int ROW_BLOCK = 8;

  /**
   * Distance between the channels of a band, the form in which {@link #columnProduct} reads its
   * right side: 272, an odd number of cache lines, so that channels do not meet in one set of the
   * cache.
   */
  int BAND_PITCH = 272;

  /** Columns of a panel, the form in which a product reads its right side: 32. */
  int PANEL = 32;

  /** With vectors of 16 floats a product is quickest by multiples of this many columns: 48. */
  int TILE_COLUMNS = 48;

  /** Rows of results that the pools make together, so that they stay in the first cache: 8. */
  int POOL_ROWS = 8;

  /** The first index from {@code at} on that is a multiple of 16 floats behind {@link #ALIGNED}. */
  static int aligned(int at) {
    return wholeLines(at - ALIGNED) + ALIGNED;
  }

  /** A number of floats, rounded up to whole cache lines of 16. */
  static int wholeLines(int floats) {
    return Math.ceilDiv(floats, 16) * 16;
  }

  /** Floats from one of these rows to the next in scratch, where vectors are read in pairs. */
  static int poolPitch(int width) {
    return wholeLines(width) + 16;
  }

  /**
   * Floats of scratch that {@link #maxPool}, {@link #averagePool} and {@link #averagePoolGradient}
   * need where the larger side's rows have so many pixels.
   */
  static int poolScratch(int width) {
    return 3 * POOL_ROWS * poolPitch(width);
  }

  /**
   * The vector kernels where the JVM has the module for them, otherwise the scalar ones, with a
   * warning that names the flag.
   */
  static Kernels best() {
    System.Logger log = System.getLogger(Kernels.class.getName());
    // Before this check nothing may load a class that mentions the Vector API.
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      ScalarWarning.once(log);
      return new ScalarKernels();
    }
    Kernels kernels = new VectorKernels();
    log.log(
        System.Logger.Level.DEBUG,
        "The module jdk.incubator.vector is there: {0} kernels.",
        kernels.description());
    return kernels;
  }

  /** What these kernels are, for a log line, e.g. {@code vector (512 bits, 16 floats)}. */
  String description();

  /** Floats in one vector: 1 for the scalar kernels, otherwise 4, 8 or 16. */
  int lanes();

  /**
   * The length of an array for packed weights {@code w (M,K)}: whole blocks of {@link #ROW_BLOCK}
   * rows and what may be read behind them.
   */
  int packedLength(int m, int k);

  /**
   * packed = w (M,K), in the order in which {@link #product} reads it.
   *
   * <p>Element (m,k) is {@code w[wAt + m * rowStride + column[k]]}: so a transposed or flipped
   * matrix is only another table. Rows [m0, m0 + {@link #ROW_BLOCK}) with m0 a multiple of
   * ROW_BLOCK begin at {@code packedAt + m0 * K}; rows beyond M are packed as zeros.
   */
  void pack(
      float[] w, int wAt, int m, int rowStride, int k, int[] column, float[] packed, int packedAt);

  /**
   * y (M,P) = w (M,K) * x (K,P) + bias (M).
   *
   * <p>x lies in panels of {@link #PANEL} columns, one behind the other: element (k,j) is {@code
   * x[xAt + j / PANEL * K * PANEL + k * PANEL + j % PANEL]}. The last panel is whole, whatever P.
   *
   * @param packed weights from {@link #pack}, starting at {@code packedAt}
   * @param m a multiple of {@link #ROW_BLOCK}, unless these are the last rows that were packed
   * @param bias added to each row, from {@code bias[biasAt]}; null for none
   * @param scratch (TILE_SCRATCH) from {@code scratchAt}, overwritten
   */
  void product(
      float[] packed,
      int packedAt,
      int m,
      int k,
      float[] x,
      int xAt,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch,
      int p,
      float[] scratch,
      int scratchAt);

  /**
   * y (K,PANEL) = a panel of rows from anywhere: row k is the {@link #PANEL} floats from {@code
   * x[xAt + xRow[k]]} on. A 3x3 convolution's table has nine entries a channel, which point into
   * one zero-padded picture; a strided one's point into its phases.
   */
  void gather(float[] x, int xAt, int[] xRow, int k, float[] y, int yAt);

  /**
   * u (size,N) = G w for w (3,N): one dimension of {@link Winograd}'s transform of weights, the
   * lanes being any N kernels. Up to {@link #SLACK} elements behind each row of u may be
   * overwritten by anything, and as many read behind those of w.
   */
  void columnWeights(Winograd f, float[] w, int wAt, int wRow, int n, float[] u, int uAt, int uRow);

  /**
   * u (planes,N) = G w G^T for w (3,3,N): {@link Winograd}'s transform of weights, the lanes being
   * any N kernels. Up to {@link #SLACK} elements behind each plane of u may be overwritten by
   * anything, and as many read behind each of the nine rows of w.
   */
  void winogradWeights(
      Winograd f, float[] w, int wAt, int wRow, int n, float[] u, int uAt, int uPlane);

  /** Rows of tiles that {@link #winogradInput} takes together: some, and at least a vector full. */
  static int winogradRows(int pitch) {
    return Math.max(WINOGRAD_ROWS, 16 / pitch);
  }

  /**
   * Floats from one phase of these rows to the next in scratch, a row before and behind included:
   * an odd number of cache lines.
   */
  static int winogradRun(int pitch) {
    int lines = (wholeLines(pitch) + wholeLines((winogradRows(pitch) + 1) * pitch)) / 16 + 1;
    return (lines | 1) * 16;
  }

  /** Floats of scratch that {@link #winogradInput} needs. */
  static int winogradInputScratch(Winograd f, int pitch) {
    return (f.phases() + f.size() * f.step()) * winogradRun(pitch) + 2 * SLACK;
  }

  /**
   * v (planes,C,P) = B^T f(x) B for rows of tiles of a picture x (C,H,W): {@link Winograd}'s
   * transform of the inputs, with zeros around the picture. f(x) is x, max(0, x) or max(0, scale
   * (C) * x + shift (C)). Lines of x lie in phases: pixel w at {@link Winograd#place}.
   *
   * <p>Position q of channel c of a plane is {@code v[vAt + plane * vPlane + c * vChannel + q /
   * PANEL * vPanel + q % PANEL]}: in panels, as {@link #product} reads them, or contiguous. A row
   * of tiles has ceil(W / step) tiles and, up to {@code pitch}, a few void positions, which may be
   * overwritten by anything finite.
   *
   * @param relu whether negative elements count as zeros
   * @param scale from {@code scale[at]}, with shift; null for none
   * @param xAt where line 0 of the first channel begins, or would; lines that no tile reads need
   *     not be there
   * @param row the first picture row of the first row of tiles, a multiple of the step
   * @param tileRows how many rows of tiles
   * @param position the first tile's
   * @param scratch (winogradInputScratch) from {@code scratchAt}, overwritten
   */
  void winogradInput(
      Winograd f,
      boolean relu,
      float[] scale,
      float[] shift,
      int at,
      float[] x,
      int xAt,
      int xPitch,
      int channels,
      int height,
      int width,
      int row,
      int tileRows,
      float[] v,
      int vAt,
      int vPlane,
      int vChannel,
      int vPanel,
      int position,
      int pitch,
      float[] scratch,
      int scratchAt);

  /**
   * y (R,phases,P) = A^T m A + bias (R) for m (planes,R,P): the results of P tiles, in phases.
   *
   * @param bias from {@code biasAt}, or null
   * @param scratch (WINOGRAD_SCRATCH) from {@code scratchAt}, overwritten
   */
  void winogradOutput(
      Winograd f,
      float[] m,
      int mAt,
      int mPlane,
      int mRow,
      int rows,
      int p,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yRow,
      int yPhase,
      float[] scratch,
      int scratchAt);

  /**
   * y (C,rows,W) = lines, each in its phases, of the pictures that lie in phases x (C,phases,rows /
   * step,pitch), whose column 0 is the first of the picture.
   *
   * @param yPitch distance between channels, whose rows are contiguous
   */
  void winogradJoin(
      Winograd f,
      float[] x,
      int xAt,
      int xChannel,
      int xPhase,
      int pitch,
      int channels,
      int rows,
      int width,
      float[] y,
      int yAt,
      int yPitch);

  /**
   * y (P,M) = f(x (M,P))^T: rows of pixels become panels whose rows are pixels, the right side of a
   * product with depth P. Element (j,r) of y is {@code y[yAt + r / PANEL * PANEL * P + j * PANEL +
   * r % PANEL]}; beyond M up to a multiple of {@link #lanes()} there is the last row again, and up
   * to a multiple of 16 there may be anything.
   *
   * @param relu whether f is a ReLU
   * @param scale what row r is multiplied by before, {@code scale[at + r]}, and {@code shift} what
   *     is added; null for neither
   * @param xRow where row r of x begins, from {@code xAt}
   * @param xPanel distance between the panels of a row of x, as {@code yPanel} of {@link
   *     #affineRelu}
   * @param scratch (TILE_SCRATCH) from {@code scratchAt}, overwritten
   */
  void transpose(
      boolean relu,
      float[] scale,
      float[] shift,
      int at,
      float[] x,
      int xAt,
      int[] xRow,
      int xPanel,
      int m,
      int p,
      float[] y,
      int yAt,
      float[] scratch,
      int scratchAt);

  /**
   * z (planes,M,P) = A dy A^T for the tiles of a gradient dy (M,H,W): {@link Winograd}'s transform
   * of the products in the other direction. H and W are multiples of the step; lines of dy lie in
   * phases. Both dy and each plane of z are as {@link #packRows} packs rows; up to 16 elements
   * behind a plane may be overwritten by anything, and {@link #SLACK} read behind dy.
   *
   * @param scratch (WINOGRAD_SCRATCH) from {@code scratchAt}, overwritten
   */
  void winogradResultGradient(
      Winograd f,
      float[] dy,
      int dyAt,
      int m,
      int height,
      int width,
      float[] z,
      int zAt,
      int zPlane,
      float[] scratch,
      int scratchAt);

  /**
   * v (planes,P,C) = B^T x B for some rows of tiles of pictures x (H,W,C), with zeros around them:
   * {@link #winogradInput} with channels in the lanes. A pixel is a row of {@link #transpose}'s
   * panel, and so is a tile of v: tile i of a plane begins at {@code v[vAt + plane * vPlane + i *
   * PANEL]}.
   *
   * @param xAt where the picture's first pixel is, or would be: only lines that the tiles see are
   *     read
   * @param zeroAt where a row of zeros is in x
   * @param channels no more than {@link #PANEL}; up to whole vectors of them are transformed
   * @param row the first row of pixels of the first row of tiles
   * @param scratch (WINOGRAD_SCRATCH) from {@code scratchAt}, overwritten
   */
  void winogradPixels(
      Winograd f,
      float[] x,
      int xAt,
      int zeroAt,
      int channels,
      int height,
      int width,
      int row,
      int tileRows,
      float[] v,
      int vAt,
      int vPlane,
      float[] scratch,
      int scratchAt);

  /**
   * w (3,N) = G^T u for u (size,N): {@link #columnWeights} in the other direction. N is a multiple
   * of {@link #lanes()}.
   */
  void winogradWeightsGradient(
      Winograd f, float[] u, int uAt, int uRow, int n, float[] w, int wAt, int wRow);

  /**
   * x (1,N) = the sum of x (R,N) over its rows, in their order: partial sums become one, where the
   * first of them was. N is a multiple of {@link #lanes()}.
   */
  void sumRows(float[] x, int xAt, int xPitch, int rows, int n);

  /**
   * packed = f(x (K,P)): rows of pixels as the left side of a product with depth P, in the order of
   * {@link #pack}, and with f as in {@link #transpose}. Rows beyond K up to a whole block are the
   * last one again.
   *
   * @param xRow rows [from, to) of this table are x, row r beginning at {@code x[xAt + xRow[r]]}
   *     with scale and shift {@code at + r}
   * @param scratch (TILE_SCRATCH) from {@code scratchAt}, overwritten
   */
  void packRows(
      boolean relu,
      float[] scale,
      float[] shift,
      int at,
      float[] x,
      int xAt,
      int[] xRow,
      int from,
      int to,
      int p,
      float[] packed,
      int packedAt,
      float[] scratch,
      int scratchAt);

  /** Floats of scratch that {@link #correlate} needs. */
  static int correlateScratch(int m) {
    return TILE_SCRATCH + CORRELATE_ROWS * m;
  }

  /**
   * dw (K,M) += x (K,P) * dy (P,M): the gradient of the weights of {@link #product}, or its
   * transpose.
   *
   * @param x as {@link #packRows} packs it
   * @param dy in the panels that {@link #transpose} makes of dy (M,P)
   * @param m a multiple of {@link #lanes()}
   * @param scratch ({@link #correlateScratch}) from {@code scratchAt}, overwritten
   */
  void correlate(
      float[] x,
      int xAt,
      int k,
      float[] dy,
      int dyAt,
      int m,
      int p,
      float[] dw,
      int dwAt,
      int dwPitch,
      float[] scratch,
      int scratchAt);

  /**
   * y (R,P) = max(0, scale (R) * x (R,P) + shift (R)); scale and shift begin at {@code at}. y may
   * be x.
   *
   * @param yPanel distance between the panels of a row of y: column j is {@code y[yAt + r * yPitch
   *     + j / PANEL * yPanel + j % PANEL]}. {@link #PANEL} for contiguous rows; a product reads K
   *     rows in panels with pitch PANEL and {@code K * PANEL} between panels
   */
  void affineRelu(
      float[] x,
      int xAt,
      int xPitch,
      float[] scale,
      float[] shift,
      int at,
      int rows,
      int p,
      float[] y,
      int yAt,
      int yPitch,
      int yPanel);

  /**
   * t (6,C,rows,W + 1) = B^T x for x (C,4 * rows + 2,W): {@link Winograd#F4}'s transform of the
   * inputs where its algorithm goes down the columns alone, for {@code rows} rows of tiles, which
   * overlap by two lines.
   *
   * <p>The lines of t have the picture's margin: column 0 is zero, columns 1 to W are the
   * transformed ones, and the element behind the last line is zero. Up to {@link #SLACK} elements
   * behind that may be overwritten by anything.
   *
   * @param xChannel distance between channels, whose lines are contiguous
   * @param tChannel distance between channels, whose lines are contiguous
   */
  void columnInput(
      float[] x,
      int xAt,
      int xChannel,
      int channels,
      int rows,
      int width,
      float[] t,
      int tAt,
      int tPlane,
      int tChannel);

  /**
   * y (M,P) = sum of w_t (M,K) * x_t (K,P) over the three columns t of a window: {@link Winograd}'s
   * algorithm has done its rows. x_t is x (K,P + 2) without its first t columns.
   *
   * @param packed from {@link #pack}, three matrices (M,K)
   * @param packedColumn distance between the matrices
   * @param x element (k,j) is {@code x[xAt + k * BAND_PITCH + j]}
   * @param y written up to whole blocks of {@link #ROW_BLOCK} rows and pairs of vectors of columns
   */
  void columnProduct(
      float[] packed,
      int packedAt,
      int packedColumn,
      int m,
      int k,
      float[] x,
      int xAt,
      float[] y,
      int yAt,
      int yPitch,
      int p);

  /**
   * y (R,lines,W) = A^T m + bias (R) for m (size,R,P): {@link Winograd#F4}'s results where its
   * algorithm went down the columns alone. Result column j of the n-th four lines is element {@code
   * n * (W + 1) + j} of m.
   *
   * @param bias from {@code biasAt}, or null
   * @param yPitch distance between rows, whose lines are contiguous
   */
  void columnOutput(
      float[] m,
      int mAt,
      int mPlane,
      int mPitch,
      int rows,
      int lines,
      int width,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch);

  /**
   * t (planes,C,4,W) = B^T x for x (C,4,7,W): {@link StemWinograd}'s transform of the inputs. The
   * four phases of a channel are its even rows' even and odd columns, then its odd rows'. Plane
   * {@link StemWinograd#EVEN_PLANE} has no odd rows. Up to {@link #SLACK} elements behind each line
   * of t may be overwritten by anything.
   *
   * @param xPhase distance between phases, whose lines are contiguous
   * @param tPhase distance between phases
   */
  void stemInput(
      float[] x,
      int xAt,
      int xPhase,
      int channels,
      int width,
      float[] t,
      int tAt,
      int tPlane,
      int tPhase);

  /**
   * Lines [first, end) of y (R,4,W) = A^T m + bias (R) for m (planes,R,W): {@link StemWinograd}'s
   * results. Up to {@link #SLACK} elements behind each line may be overwritten by anything.
   *
   * @param bias from {@code biasAt}, or null
   * @param yAt where line 0 begins, or would begin
   */
  void stemOutput(
      float[] m,
      int mAt,
      int mPlane,
      int mPitch,
      int rows,
      int first,
      int end,
      int width,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch,
      int yLine);

  /** y (R,P) = max(0, x (R,P)), into panels as {@link #affineRelu} does. y may be x. */
  void relu(
      float[] x, int xAt, int xPitch, int rows, int p, float[] y, int yAt, int yPitch, int yPanel);

  /**
   * mean (R), m2 (R) of x (R,P): each row's mean and its sum of squared deviations from that mean,
   * written at {@code at}.
   *
   * <p>Two passes over the row (it lies in cache), the second of which corrects the first one's
   * rounding: a row with mean 100 and deviation 0.1 keeps six digits of its variance. Tiles are
   * merged by the caller as Chan et al. (1979) do.
   */
  void moments(float[] x, int xAt, int xPitch, int rows, int p, double[] mean, double[] m2, int at);

  /**
   * dx (R,P) += share (R) * u (R,P) with u = du (R,P) where scale * x + shift &gt; 0, else 0; sum
   * (R) = sum of u, dot (R) = sum of u * (x - centre): the backward pass of {@link #affineRelu} and
   * the two sums that a batch normalisation's gradient needs.
   *
   * <p>scale, shift, centre and share begin at {@code at}; sum and dot are written at {@code
   * sumAt}.
   */
  void affineReluGradient(
      float[] du,
      int duAt,
      int duPitch,
      float[] x,
      int xAt,
      int xPitch,
      float[] scale,
      float[] shift,
      float[] centre,
      float[] share,
      int at,
      int rows,
      int p,
      float[] dx,
      int dxAt,
      int dxPitch,
      double[] sum,
      double[] dot,
      int sumAt);

  /**
   * y (R,P) = a (R) * u (R,P) + b (R) * x (R,P) + c (R); a, b and c begin at {@code at}. y may be
   * u.
   *
   * @param yPanel as {@link #affineRelu} says
   */
  void combine(
      float[] u,
      int uAt,
      int uPitch,
      float[] x,
      int xAt,
      int xPitch,
      float[] a,
      float[] b,
      float[] c,
      int at,
      int rows,
      int p,
      float[] y,
      int yAt,
      int yPitch,
      int yPanel);

  /** sum (R) = sum of each row of x (R,P), written at {@code sumAt}: the gradient of a bias. */
  void sums(float[] x, int xAt, int xPitch, int rows, int p, double[] sum, int sumAt);

  /**
   * Rows [from, to) of y (OH,OW) = the 3x3 maximum with stride 2 and padding 1 of relu(scale * x
   * (H,W) + shift), one channel of one picture; OH = (H + 1) / 2, OW = (W + 1) / 2, integer
   * division.
   *
   * @param xAt where row 0 of x begins, or would begin: only rows are read that are needed
   * @param xPitch distance between rows of x
   * @param yAt where row 0 of y begins, rows contiguous
   * @param pixels (OW) which pixel of a row of y lies at each place
   * @param scratch ({@link #poolScratch} of W), from {@code scratchAt}
   */
  void maxPool(
      float[] x,
      int xAt,
      int xPitch,
      int h,
      int w,
      float scale,
      float shift,
      float[] y,
      int yAt,
      int from,
      int to,
      int[] pixels,
      float[] scratch,
      int scratchAt);

  /**
   * du (H,W) = the gradient of {@link #maxPool} with respect to its normalised, rectified input:
   * each dy (OH,OW) goes to the first maximum of its window in reading order; du is overwritten.
   * Uses scratch (4 * (W + SLACK)).
   */
  void maxPoolGradient(
      float[] dy,
      int dyAt,
      float[] x,
      int xAt,
      int h,
      int w,
      float scale,
      float shift,
      float[] du,
      int duAt,
      float[] scratch);

  /**
   * y (H/2,W/2) = the 2x2 mean with stride 2 of relu(scale * x (H,W) + shift); an odd last row or
   * column is left out.
   *
   * @param left (W/2) where the left pixel of the window lies in a row of x, for each place in a
   *     row of y
   * @param right the same for the right pixel
   * @param scratch ({@link #poolScratch} of W), from {@code scratchAt}
   */
  void averagePool(
      float[] x,
      int xAt,
      int h,
      int w,
      float scale,
      float shift,
      float[] y,
      int yAt,
      int[] left,
      int[] right,
      float[] scratch,
      int scratchAt);

  /**
   * dx (H,W) = dy (H/2,W/2) spread evenly over each 2x2 window; 0 in an odd last row or column.
   * Overwrites dx.
   *
   * @param source (W) where the window of each place in a row of dx lies in a row of dy; W/2 for
   *     none
   * @param scratch ({@link #poolScratch} of W), from {@code scratchAt}
   */
  void averagePoolGradient(
      float[] dy,
      int dyAt,
      int h,
      int w,
      float[] dx,
      int dxAt,
      int[] source,
      float[] scratch,
      int scratchAt);

  /**
   * Returns the mean of relu(scale * x (P) + shift): global average pooling of one channel of one
   * picture.
   */
  float globalAverage(float[] x, int xAt, int p, float scale, float shift);
}
