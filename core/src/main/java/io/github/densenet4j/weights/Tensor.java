package io.github.densenet4j.weights;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * One tensor of a file.
 *
 * @param name its key
 * @param dtype as safetensors names it: F32, F16, BF16, F64, I64, ...
 * @param shape its sides, outermost first; empty for a scalar
 * @param data its values, little-endian, in C order
 */
public record Tensor(String name, String dtype, List<Long> shape, ByteBuffer data) {
  /** Copies the shape. */
  public Tensor {
    shape = List.copyOf(shape);
  }

  /** A tensor of floats, copied. */
  public static Tensor floats(String name, List<Integer> shape, float[] values, int at, int size) {
    ByteBuffer data = ByteBuffer.allocate(4 * size).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values, at, size);
    return new Tensor(name, "F32", shape.stream().map(Integer::longValue).toList(), data);
  }

  /** A scalar of 64 bits. */
  public static Tensor scalar(String name, long value) {
    return new Tensor(
        name,
        "I64",
        List.of(),
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value));
  }

  /** Bytes of one element, or 0 if the type is unknown. */
  static int bytes(String dtype) {
    return switch (dtype) {
      case "F64", "I64", "U64" -> 8;
      case "F32", "I32", "U32" -> 4;
      case "F16", "BF16", "I16", "U16" -> 2;
      case "I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2" -> 1;
      default -> 0;
    };
  }

  /** Writes its bytes. */
  void writeTo(OutputStream out) throws IOException {
    if (data.hasArray()) {
      out.write(data.array(), data.arrayOffset(), data.capacity());
    } else {
      byte[] bytes = new byte[data.capacity()];
      data.get(0, bytes);
      out.write(bytes);
    }
  }

  /** Whether {@link #toFloats} knows its type. */
  boolean isFloat() {
    return switch (dtype) {
      case "F32", "F64", "F16", "BF16" -> true;
      default -> false;
    };
  }

  /** Number of elements. */
  public int size() {
    return data.capacity() / bytes(dtype);
  }

  /**
   * The values as floats.
   *
   * @throws WeightsException if they are not F32, F16, BF16 or F64
   */
  public float[] toFloats() throws WeightsException {
    float[] out = new float[size()];
    toFloats(0, out.length, out, 0);
    return out;
  }

  /** As {@link #toFloats()}, of values [from, from + n) into a part of an array. */
  void toFloats(int from, int n, float[] out, int at) throws WeightsException {
    ByteBuffer in = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    switch (dtype) {
      case "F32" -> in.asFloatBuffer().get(from, out, at, n);
      case "F64" -> {
        for (int i = 0; i < n; i++) {
          out[at + i] = (float) in.getDouble(8 * (from + i));
        }
      }
      case "F16" -> {
        for (int i = 0; i < n; i++) {
          out[at + i] = Float.float16ToFloat(in.getShort(2 * (from + i)));
        }
      }
      case "BF16" -> {
        for (int i = 0; i < n; i++) {
          out[at + i] = Float.intBitsToFloat(in.getShort(2 * (from + i)) << 16);
        }
      }
      default ->
          throw new WeightsException(
              "Tensor " + name + " is of type " + dtype + ", expected F32, F16, BF16 or F64.");
    }
  }

  /**
   * Whether all values are finite.
   *
   * @throws WeightsException as {@link #toFloats()}
   */
  boolean isFinite() throws WeightsException {
    float[] some = new float[Math.min(size(), 4096)]; // a copy of all would be large
    for (int from = 0; from < size(); from += some.length) {
      int n = Math.min(some.length, size() - from);
      toFloats(from, n, some, 0);
      for (int i = 0; i < n; i++) {
        if (!Float.isFinite(some[i])) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * The values as whole numbers.
   *
   * @throws WeightsException if they are not I64
   */
  public long[] toLongs() throws WeightsException {
    if (!dtype.equals("I64")) {
      throw new WeightsException("Tensor " + name + " is of type " + dtype + ", expected I64.");
    }
    long[] out = new long[size()];
    data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(0, out);
    return out;
  }
}
