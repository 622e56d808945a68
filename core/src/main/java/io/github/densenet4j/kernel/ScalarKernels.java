package io.github.densenet4j.kernel;

import java.util.Arrays;

/**
 * The kernels as plain loops: the readable truth that {@link VectorKernels} is tested against, and
 * what runs where the JVM was started without the Vector API's module, but for the convolutions:
 * those go by {@link PlainProduct} then. Long because {@link Kernels} has many operations, each a
 * loop.
 *
 * <p>Long sums are taken in double, in the order of the pixels.
 */
public final class ScalarKernels implements Kernels {
  /** The scalar kernels. */
  public ScalarKernels() {}

  @Override
  public String description() {
    return "scalar";
  }

  @Override
  public int lanes() {
    return 1;
  }

  @Override
  public int packedLength(int m, int k) {
    return Math.multiplyExact(roundUp(m), k);
  }

  // packed (M rounded up,K) = w (M,K), row by row
  @Override
  public void pack(
      float[] w, int wAt, int m, int rowStride, int k, int[] column, float[] packed, int packedAt) {
    for (int i = 0; i < roundUp(m); i++) {
      for (int j = 0; j < k; j++) {
        packed[packedAt + i * k + j] = i < m ? w[wAt + i * rowStride + column[j]] : 0;
      }
    }
  }

  // y (M,P) = w (M,K) * x (K,P) + bias (M)
  @Override
  public void product(
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
      int scratchAt) {
    for (int i = 0; i < m; i++) {
      for (int start = 0; start < p; start += PANEL) {
        int columns = Math.min(PANEL, p - start);
        int row = yAt + i * yPitch + start;
        Arrays.fill(y, row, row + columns, bias == null ? 0 : bias[biasAt + i]);
        for (int j = 0; j < k; j++) {
          // One row of x at a time, so that C2 turns the loop over the pixels into vectors.
          float weight = packed[packedAt + i * k + j];
          int from = xAt + start * k + j * PANEL;
          for (int q = 0; q < columns; q++) {
            y[row + q] += weight * x[from + q];
          }
        }
      }
    }
  }

  // y (K,PANEL) = rows of x by a table
  @Override
  public void gather(float[] x, int xAt, int[] xRow, int k, float[] y, int yAt) {
    for (int i = 0; i < k; i++) {
      System.arraycopy(x, xAt + xRow[i], y, yAt + i * PANEL, PANEL);
    }
  }

  // y (P,M) = f(x (M,P))^T
  @Override
  public void transpose(
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
      int scratchAt) {
    for (int r = 0; r < m; r++) {
      int panel = yAt + r / PANEL * PANEL * p + r % PANEL;
      for (int j = 0; j < p; j++) {
        float v = x[xAt + xRow[r] + j / PANEL * xPanel + j % PANEL];
        y[panel + j * PANEL] = before(relu, scale, shift, at + r, v);
      }
    }
  }

  // packed = f(x (K,P)), row by row
  @Override
  public void packRows(
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
      int scratchAt) {
    for (int i = 0; i < roundUp(to - from); i++) {
      int r = Math.min(from + i, to - 1);
      for (int j = 0; j < p; j++) {
        float v = x[xAt + xRow[r] + j];
        packed[packedAt + i * p + j] = before(relu, scale, shift, at + r, v);
      }
    }
  }

  /** What happens to a pixel of a channel before a convolution. */
  private static float before(boolean relu, float[] scale, float[] shift, int channel, float x) {
    float v = scale == null ? x : Math.fma(scale[channel], x, shift[channel]);
    return relu && v < 0 ? 0 : v;
  }

  // x (1,N) = the sum of x (R,N) over its rows
  @Override
  public void sumRows(float[] x, int xAt, int xPitch, int rows, int n) {
    for (int r = 1; r < rows; r++) {
      for (int j = 0; j < n; j++) {
        x[xAt + j] += x[xAt + r * xPitch + j];
      }
    }
  }

  // dw (K,M) += x (K,P) * dy (P,M)
  @Override
  public void correlate(
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
      int scratchAt) {
    for (int i = 0; i < k; i++) {
      for (int r = 0; r < m; r++) {
        int panel = dyAt + r / PANEL * PANEL * p + r % PANEL;
        double sum = 0;
        for (int j = 0; j < p; j++) {
          sum += (double) x[xAt + i * p + j] * dy[panel + j * PANEL];
        }
        dw[dwAt + i * dwPitch + r] += (float) sum;
      }
    }
  }

  // y (R,P) = max(0, scale (R) * x (R,P) + shift (R))
  @Override
  public void affineRelu(
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
      int yPanel) {
    for (int r = 0; r < rows; r++) {
      for (int start = 0; start < p; start += PANEL) {
        int from = xAt + r * xPitch + start;
        int to = yAt + r * yPitch + start / PANEL * yPanel;
        for (int q = 0; q < Math.min(PANEL, p - start); q++) {
          y[to + q] = relu(scale[at + r] * x[from + q] + shift[at + r]);
        }
      }
    }
  }

  // u (size,N) = G (size,3) * w (3,N)
  @Override
  public void columnWeights(
      Winograd f, float[] w, int wAt, int wRow, int n, float[] u, int uAt, int uRow) {
    for (int i = 0; i < f.size(); i++) {
      for (int q = 0; q < n; q++) {
        double sum = 0;
        for (int l = 0; l < 3; l++) {
          sum += f.weights(i, l) * w[wAt + l * wRow + q];
        }
        u[uAt + i * uRow + q] = (float) sum;
      }
    }
  }

  // u (planes,N) = G (size,3) * w (3,3,N) * G^T
  @Override
  public void winogradWeights(
      Winograd f, float[] w, int wAt, int wRow, int n, float[] u, int uAt, int uPlane) {
    for (int i = 0; i < f.planes(); i++) {
      for (int q = 0; q < n; q++) {
        double sum = 0;
        for (int t = 0; t < 9; t++) {
          double factor = f.weights(i / f.size(), t / 3) * f.weights(i % f.size(), t % 3);
          sum += factor * w[wAt + t * wRow + q];
        }
        u[uAt + i * uPlane + q] = (float) sum;
      }
    }
  }

  // v (planes,C,P) = B^T f(x) B for rows of tiles of x (C,H,W), zeros around it
  @Override
  public void winogradInput(
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
      int scratchAt) {
    int size = f.size();
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < tileRows * pitch; i++) {
        int q = position + i;
        int to = vAt + c * vChannel + q / PANEL * vPanel + q % PANEL;
        int top = row + i / pitch * f.step() - 1;
        int left = i % pitch * f.step() - 1;
        for (int k = 0; k < size * size; k++) { // the tile
          int h = top + k / size;
          int w = left + k % size;
          boolean inside = h >= 0 && h < height && w >= 0 && w < width;
          int pixel = xAt + c * xPitch + h * width + (inside ? f.place(w, width) : 0);
          scratch[scratchAt + k] = inside ? before(relu, scale, shift, at + c, x[pixel]) : 0;
        }
        transformTile(f, scratch, scratchAt, v, to, vPlane);
      }
    }
  }

  // v (size,size) = B^T x B for a tile x (size,size); x has room for another one behind it
  private static void transformTile(
      Winograd f, float[] x, int xAt, float[] v, int vAt, int vPlane) {
    int size = f.size();
    int t = xAt + size * size; // x B, transposed
    for (int j = 0; j < size; j++) {
      for (int i = 0; i < size; i++) {
        x[t + j * size + i] = 0;
        for (int l = 0; l < size; l++) {
          x[t + j * size + i] += f.input(i, l) * x[xAt + l * size + j];
        }
      }
    }
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        float sum = 0;
        for (int l = 0; l < size; l++) {
          sum += f.input(j, l) * x[t + l * size + i];
        }
        v[vAt + (i * size + j) * vPlane] = sum;
      }
    }
  }

  // v (planes,P,C) = B^T x B for rows of tiles of x (H,W,C), zeros around it
  @Override
  public void winogradPixels(
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
      int scratchAt) {
    int size = f.size();
    int tiles = Math.ceilDiv(width, f.step());
    for (int tile = 0; tile < tileRows * tiles; tile++) {
      int top = row + tile / tiles * f.step() - 1;
      int left = tile % tiles * f.step() - 1;
      for (int c = 0; c < channels; c++) {
        for (int k = 0; k < size * size; k++) {
          int h = top + k / size;
          int w = left + k % size;
          boolean inside = h >= 0 && h < height && w >= 0 && w < width;
          int at = inside ? xAt + (h * width + f.place(w, width)) * PANEL : zeroAt;
          scratch[scratchAt + k] = x[at + c];
        }
        transformTile(f, scratch, scratchAt, v, vAt + tile * PANEL + c, vPlane);
      }
    }
  }

  // z (planes,M,P) = A dy A^T for dy (M,H,W), whole tiles
  @Override
  public void winogradResultGradient(
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
      int scratchAt) {
    int step = f.step();
    int size = f.size();
    int tiles = width / step;
    int positions = height / step * tiles;
    for (int tile = 0; tile < positions; tile++) {
      for (int r = 0; r < m; r++) {
        int to = zAt + r * positions + tile;
        for (int plane = 0; plane < size * size; plane++) {
          float sum = 0;
          for (int i = 0; i < step * step; i++) {
            int h = tile / tiles * step + i / step;
            int w = tile % tiles * step + i % step;
            float gradient = dy[dyAt + (r * height + h) * width + f.place(w, width)];
            sum += f.output(i / step, plane / size) * f.output(i % step, plane % size) * gradient;
          }
          z[to + plane * zPlane] = sum;
        }
      }
    }
  }

  // w (3,N) = G^T u (size,N)
  @Override
  public void winogradWeightsGradient(
      Winograd f, float[] u, int uAt, int uRow, int n, float[] w, int wAt, int wRow) {
    for (int i = 0; i < 3; i++) {
      for (int q = 0; q < n; q++) {
        double sum = 0;
        for (int l = 0; l < f.size(); l++) {
          sum += f.weights(l, i) * u[uAt + l * uRow + q];
        }
        w[wAt + i * wRow + q] = (float) sum;
      }
    }
  }

  // y (R,phases,P) = A^T m A + bias (R)
  @Override
  public void winogradOutput(
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
      int scratchAt) {
    int size = f.size();
    int step = f.step();
    for (int r = 0; r < rows; r++) {
      for (int q = 0; q < p; q++) {
        for (int i = 0; i < size; i++) { // t = m A
          for (int j = 0; j < step; j++) {
            float sum = 0;
            for (int l = 0; l < size; l++) {
              sum += f.output(j, l) * m[mAt + (i * size + l) * mPlane + r * mRow + q];
            }
            scratch[scratchAt + i * step + j] = sum;
          }
        }
        for (int i = 0; i < step; i++) { // y = A^T t
          for (int j = 0; j < step; j++) {
            float sum = bias == null ? 0 : bias[biasAt + r];
            for (int l = 0; l < size; l++) {
              sum += f.output(i, l) * scratch[scratchAt + l * step + j];
            }
            y[yAt + r * yRow + (i * step + j) * yPhase + q] = sum;
          }
        }
      }
    }
  }

  // y (C,rows,W) = x (C,phases,rows / step,pitch)
  @Override
  public void winogradJoin(
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
      int yPitch) {
    int step = f.step();
    for (int c = 0; c < channels; c++) {
      for (int r = 0; r < rows; r++) {
        for (int q = 0; q < width; q++) {
          int phase = r % step * step + q % step;
          y[yAt + c * yPitch + r * width + f.place(q, width)] =
              x[xAt + c * xChannel + phase * xPhase + r / step * pitch + q / step];
        }
      }
    }
  }

  // t (6,C,rows,W + 1) = B^T x (C,4 * rows + 2,W)
  @Override
  public void columnInput(
      float[] x,
      int xAt,
      int xChannel,
      int channels,
      int rows,
      int width,
      float[] t,
      int tAt,
      int tPlane,
      int tChannel) {
    for (int i = 0; i < 6; i++) {
      for (int c = 0; c < channels; c++) {
        int to = tAt + i * tPlane + c * tChannel;
        for (int r = 0; r < rows; r++) {
          int line = to + r * (width + 1);
          Arrays.fill(t, line, line + width + 1, 0);
          for (int q = 0; q < width; q++) {
            for (int l = 0; l < 6; l++) {
              float pixel = x[xAt + c * xChannel + (r * 4 + l) * width + q];
              t[line + 1 + q] += Winograd.F4.input(i, l) * pixel;
            }
          }
        }
        t[to + rows * (width + 1)] = 0;
      }
    }
  }

  // y (M,P) = sum of w_t (M,K) * x_t (K,P)
  @Override
  public void columnProduct(
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
      int p) {
    for (int r = 0; r < m; r++) {
      for (int q = 0; q < p; q++) {
        float sum = 0;
        for (int t = 0; t < 3; t++) {
          for (int i = 0; i < k; i++) {
            sum +=
                packed[packedAt + t * packedColumn + r * k + i] * x[xAt + i * BAND_PITCH + q + t];
          }
        }
        y[yAt + r * yPitch + q] = sum;
      }
    }
  }

  // y (R,lines,W) = A^T m (6,R,P) + bias (R)
  @Override
  public void columnOutput(
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
      int yPitch) {
    for (int r = 0; r < rows; r++) {
      for (int line = 0; line < lines; line++) {
        int from = mAt + r * mPitch + line / 4 * (width + 1);
        for (int q = 0; q < width; q++) {
          float sum = bias == null ? 0 : bias[biasAt + r];
          for (int i = 0; i < 6; i++) {
            sum += Winograd.F4.output(line % 4, i) * m[from + i * mPlane + q];
          }
          y[yAt + r * yPitch + line * width + q] = sum;
        }
      }
    }
  }

  // t (7,C,4,W) = B^T x (C,4,7,W)
  @Override
  public void stemInput(
      float[] x,
      int xAt,
      int xPhase,
      int channels,
      int width,
      float[] t,
      int tAt,
      int tPlane,
      int tPhase) {
    for (int plane = 0; plane < StemWinograd.PLANES; plane++) {
      for (int i = 0; i < StemWinograd.PHASES * channels; i++) {
        boolean even = StemWinograd.evenRows(i);
        for (int q = 0; q < width && (even || plane != StemWinograd.EVEN_PLANE); q++) {
          float sum = 0;
          for (int line = 0; line < StemWinograd.SIZE; line++) {
            sum += StemWinograd.input(plane, even, line) * x[xAt + i * xPhase + line * width + q];
          }
          t[tAt + plane * tPlane + i * tPhase + q] = sum;
        }
      }
    }
  }

  // lines [first, end) of y (R,4,W) = A^T m (7,R,W) + bias (R)
  @Override
  public void stemOutput(
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
      int yLine) {
    for (int r = 0; r < rows; r++) {
      for (int line = first; line < end; line++) {
        for (int q = 0; q < width; q++) {
          float sum = bias == null ? 0 : bias[biasAt + r];
          for (int i = 0; i < StemWinograd.PLANES; i++) {
            sum += StemWinograd.output(line, i) * m[mAt + i * mPlane + r * mPitch + q];
          }
          y[yAt + r * yPitch + line * yLine + q] = sum;
        }
      }
    }
  }

  // y (R,P) = max(0, x (R,P))
  @Override
  public void relu(
      float[] x, int xAt, int xPitch, int rows, int p, float[] y, int yAt, int yPitch, int yPanel) {
    for (int r = 0; r < rows; r++) {
      for (int start = 0; start < p; start += PANEL) {
        int from = xAt + r * xPitch + start;
        int to = yAt + r * yPitch + start / PANEL * yPanel;
        for (int q = 0; q < Math.min(PANEL, p - start); q++) {
          y[to + q] = relu(x[from + q]);
        }
      }
    }
  }

  // mean (R), m2 (R) of x (R,P)
  @Override
  public void moments(
      float[] x, int xAt, int xPitch, int rows, int p, double[] mean, double[] m2, int at) {
    for (int r = 0; r < rows; r++) {
      int row = xAt + r * xPitch;
      double average = sum(x, row, p) / p;
      double deviations = 0;
      double squares = 0;
      for (int q = 0; q < p; q++) {
        double deviation = x[row + q] - average;
        deviations += deviation;
        squares += deviation * deviation;
      }
      // The deviations would sum to 0 if the average were exact.
      mean[at + r] = average + deviations / p;
      m2[at + r] = squares - deviations * deviations / p;
    }
  }

  // dx (R,P) += share * u, u = du where scale * x + shift > 0, else 0; sum (R), dot (R) = u's sums
  @Override
  public void affineReluGradient(
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
      int sumAt) {
    for (int r = 0; r < rows; r++) {
      double rowSum = 0;
      double rowDot = 0;
      for (int q = 0; q < p; q++) {
        float value = x[xAt + r * xPitch + q];
        float u = scale[at + r] * value + shift[at + r] > 0 ? du[duAt + r * duPitch + q] : 0;
        rowSum += u;
        rowDot += (double) u * (value - centre[at + r]);
        dx[dxAt + r * dxPitch + q] += share[at + r] * u;
      }
      sum[sumAt + r] = rowSum;
      dot[sumAt + r] = rowDot;
    }
  }

  // y (R,P) = a (R) * u (R,P) + b (R) * x (R,P) + c (R)
  @Override
  public void combine(
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
      int yPanel) {
    for (int r = 0; r < rows; r++) {
      for (int q = 0; q < p; q++) {
        y[yAt + r * yPitch + q / PANEL * yPanel + q % PANEL] =
            a[at + r] * u[uAt + r * uPitch + q] + (b[at + r] * x[xAt + r * xPitch + q] + c[at + r]);
      }
    }
  }

  // sum (R) of x (R,P)
  @Override
  public void sums(float[] x, int xAt, int xPitch, int rows, int p, double[] sum, int sumAt) {
    for (int r = 0; r < rows; r++) {
      sum[sumAt + r] = sum(x, xAt + r * xPitch, p);
    }
  }

  // y (OH,OW) = max over 3x3, stride 2, padding 1, of relu(scale * x (H,W) + shift)
  @Override
  public void maxPool(
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
      int scratchAt) {
    int ow = (w + 1) / 2;
    for (int i = from; i < to; i++) {
      for (int q = 0; q < ow; q++) {
        int j = pixels[q];
        float max = 0; // no rectified value is less, so the padding may count as 0
        for (int r = Math.max(0, 2 * i - 1); r <= Math.min(h - 1, 2 * i + 1); r++) {
          for (int c = Math.max(0, 2 * j - 1); c <= Math.min(w - 1, 2 * j + 1); c++) {
            max = Math.max(max, relu(scale * x[xAt + r * xPitch + c] + shift));
          }
        }
        y[yAt + i * ow + q] = max;
      }
    }
  }

  // du (H,W) = dy (OH,OW) at the first maximum of each window, 0 elsewhere
  @Override
  public void maxPoolGradient(
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
      float[] scratch) {
    MaxPoolGradient.apply(dy, dyAt, x, xAt, h, w, scale, shift, du, duAt);
  }

  // y (H/2,W/2) = mean over 2x2, stride 2, of relu(scale * x (H,W) + shift)
  @Override
  public void averagePool(
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
      int scratchAt) {
    int ow = w / 2;
    for (int i = 0; i < h / 2; i++) {
      int row = xAt + 2 * i * w;
      for (int c = 0; c < w; c++) {
        scratch[scratchAt + c] =
            relu(scale * x[row + c] + shift) + relu(scale * x[row + w + c] + shift);
      }
      for (int q = 0; q < ow; q++) {
        y[yAt + i * ow + q] =
            0.25f * (scratch[scratchAt + left[q]] + scratch[scratchAt + right[q]]);
      }
    }
  }

  // dx (H,W) = dy (H/2,W/2) / 4, each spread over its 2x2 window
  @Override
  public void averagePoolGradient(
      float[] dy,
      int dyAt,
      int h,
      int w,
      float[] dx,
      int dxAt,
      int[] source,
      float[] scratch,
      int scratchAt) {
    int ow = w / 2;
    for (int r = 0; r < h; r++) {
      for (int q = 0; q < w; q++) {
        boolean pooled = r / 2 < h / 2 && source[q] < ow;
        dx[dxAt + r * w + q] = pooled ? 0.25f * dy[dyAt + r / 2 * ow + source[q]] : 0;
      }
    }
  }

  // mean of relu(scale * x (P) + shift)
  @Override
  public float globalAverage(float[] x, int xAt, int p, float scale, float shift) {
    double sum = 0;
    for (int q = 0; q < p; q++) {
      sum += relu(scale * x[xAt + q] + shift);
    }
    return (float) (sum / p);
  }

  /** max(0, value); a NaN stays one, so that a network that diverged is seen. */
  private static float relu(float value) {
    return value < 0 ? 0 : value;
  }

  /** m, rounded up to whole blocks of rows. */
  private static int roundUp(int m) {
    return (m + ROW_BLOCK - 1) / ROW_BLOCK * ROW_BLOCK;
  }

  private static double sum(float[] x, int at, int p) {
    double sum = 0;
    for (int q = 0; q < p; q++) {
      sum += x[at + q];
    }
    return sum;
  }
}
