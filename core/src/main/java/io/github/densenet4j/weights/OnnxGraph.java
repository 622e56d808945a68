package io.github.densenet4j.weights;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What matters here of an ONNX model (onnx.proto): its nodes in order, its initialisers, its
 * metadata.
 *
 * @param nodes in the order of the file, which is the order of computing
 * @param initialisers by name
 * @param metadata free text by key
 */
record OnnxGraph(List<Node> nodes, Map<String, Tensor> initialisers, Map<String, String> metadata) {
  private static final int MAXIMUM_WHOLES = 1_000_000;
  private static final long MAXIMUM_FILE = Integer.MAX_VALUE - 64;

  /** Types of tensors by onnx.proto's numbers. */
  static final Map<Integer, String> TYPES =
      Map.of(
          1, "F32", 2, "U8", 3, "I8", 6, "I32", 7, "I64", 9, "BOOL", 10, "F16", 11, "F64", 16,
          "BF16");

  /**
   * An operation.
   *
   * @param type e.g. Conv
   * @param inputs names of what it reads
   * @param outputs names of what it makes
   * @param attributes Float, Long, long[] or Tensor by name
   */
  record Node(
      String type, List<String> inputs, List<String> outputs, Map<String, Object> attributes) {}

  /** Reads a file. */
  static OnnxGraph read(Path file, ByteBuffer bytes) throws IOException {
    try {
      return new Reader(file).model(CodedInputStream.newInstance(bytes));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new WeightsException(
          "%s is not an ONNX model, or it is cut off or damaged: %s"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /** One pass over the messages, field by field. */
  private static final class Reader {
    private final Path file;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Tensor> initialisers = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private long externalBudget;

    Reader(Path file) {
      this.file = file;
    }

    /** What to do with a field of a message. */
    private interface Field {
      /** Reads it and says true, or leaves it. */
      boolean read(int number, CodedInputStream in) throws IOException;
    }

    private static void message(CodedInputStream in, Field fields) throws IOException {
      int length = in.readRawVarint32();
      int limit = in.pushLimit(length);
      top(in, fields);
      in.popLimit(limit);
    }

    private static void top(CodedInputStream in, Field fields) throws IOException {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        boolean nested = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
        int number = WireFormat.getTagFieldNumber(tag);
        if (!fields.read(nested ? number : -number, in)) { // scalars have negative numbers here
          in.skipField(tag);
        }
      }
    }

    OnnxGraph model(CodedInputStream in) throws IOException {
      top(
          in,
          (number, _) -> {
            switch (number) {
              case 7 -> message(in, this::graph);
              case 14 -> entry(in, metadata);
              default -> {
                return false;
              }
            }
            return true;
          });
      return new OnnxGraph(nodes, initialisers, metadata);
    }

    private static void entry(CodedInputStream in, Map<String, String> into) throws IOException {
      String[] pair = {"", ""};
      message(
          in,
          (number, _) -> {
            if (number == 1 || number == 2) {
              pair[number - 1] = in.readString();
              return true;
            }
            return false;
          });
      into.put(pair[0], pair[1]);
    }

    private boolean graph(int number, CodedInputStream in) throws IOException {
      switch (number) {
        case 1 -> nodes.add(node(in));
        case 5 -> {
          Tensor tensor = tensor(in);
          initialisers.put(tensor.name(), tensor);
        }
        default -> {
          return false;
        }
      }
      if (nodes.size() + initialisers.size() > Checkpoint.MAXIMUM_TENSORS) {
        throw new WeightsException(file + " has more than 100,000 nodes: it is not a DenseNet.");
      }
      return true;
    }

    private Node node(CodedInputStream in) throws IOException {
      List<String> inputs = new ArrayList<>();
      List<String> outputs = new ArrayList<>();
      String[] type = {""};
      Map<String, Object> attributes = new HashMap<>();
      message(
          in,
          (number, _) -> {
            switch (number) {
              case 1 -> inputs.add(in.readString());
              case 2 -> outputs.add(in.readString());
              case 4 -> type[0] = in.readString();
              case 5 -> attribute(in, attributes);
              default -> {
                return false;
              }
            }
            return true;
          });
      return new Node(type[0], inputs, outputs, attributes);
    }

    private void attribute(CodedInputStream in, Map<String, Object> attributes) throws IOException {
      String[] name = {""};
      Object[] value = {null};
      List<Long> wholes = new ArrayList<>();
      message(
          in,
          (number, _) -> {
            switch (number) {
              case 1 -> name[0] = in.readString();
              case -2 -> value[0] = in.readFloat();
              case -3 -> value[0] = in.readInt64();
              case 5 -> value[0] = tensor(in);
              case -8 -> wholes.add(in.readInt64());
              case 8 -> packed(in, wholes);
              default -> {
                return false;
              }
            }
            return true;
          });
      if (value[0] == null) {
        value[0] = wholes.stream().mapToLong(Long::longValue).toArray();
      }
      attributes.put(name[0], value[0]);
    }

    private static void packed(CodedInputStream in, List<Long> wholes) throws IOException {
      int limit = in.pushLimit(in.readRawVarint32());
      while (!in.isAtEnd()) {
        if (wholes.size() == MAXIMUM_WHOLES) {
          throw new InvalidProtocolBufferException("a list of more than 1,000,000 numbers.");
        }
        wholes.add(in.readInt64());
      }
      in.popLimit(limit);
    }

    private Tensor tensor(CodedInputStream in) throws IOException {
      List<Long> dims = new ArrayList<>();
      int[] type = {0};
      String[] name = {""};
      ByteBuffer[] data = {null};
      Map<String, String> external = new HashMap<>();
      message(
          in,
          (number, _) -> {
            switch (number) {
              case -1 -> dims.add(in.readInt64());
              case 1 -> packed(in, dims);
              case -2 -> type[0] = in.readInt32();
              case 4, 9, 10 -> data[0] = in.readByteBuffer(); // floats, raw bytes, doubles
              case 8 -> name[0] = in.readString();
              case 13 -> entry(in, external);
              default -> {
                return false;
              }
            }
            return true;
          });
      String dtype = TYPES.getOrDefault(type[0], "type " + type[0]);
      ByteBuffer bytes = external.isEmpty() ? data[0] : external(name[0], external);
      if (bytes == null) {
        bytes = ByteBuffer.allocate(0);
      }
      requireSize(name[0], dtype, dims, bytes.remaining());
      return new Tensor(name[0], dtype, dims, bytes.slice().order(ByteOrder.LITTLE_ENDIAN));
    }

    /** Float tensors must have as many bytes as their shape says; others are of no interest. */
    private void requireSize(String name, String dtype, List<Long> dims, int bytes)
        throws WeightsException {
      if (!dtype.contains("F")) {
        return;
      }
      long size = Tensor.bytes(dtype);
      for (long side : dims) {
        size =
            side < 0 || size > MAXIMUM_FILE || side > MAXIMUM_FILE ? Long.MAX_VALUE : size * side;
      }
      if (size != bytes) {
        throw new WeightsException(
            "%s: initialiser %s of shape %s and type %s has %,d bytes."
                .formatted(file, name, dims, dtype, bytes));
      }
    }

    /** A tensor's bytes in a file beside the model. */
    private ByteBuffer external(String name, Map<String, String> where) throws IOException {
      Path beside = ShardedSafeTensors.beside(file, where.getOrDefault("location", ""));
      try (FileChannel channel = FileChannel.open(beside)) {
        if (externalBudget == 0) {
          externalBudget = 2 * channel.size() + 1;
        }
        long offset = Long.parseLong(where.getOrDefault("offset", "0"));
        long length =
            where.containsKey("length")
                ? Long.parseLong(where.get("length"))
                : channel.size() - offset;
        externalBudget -= Math.max(0, length);
        if (offset < 0
            || length < 0
            || offset > channel.size()
            || length > channel.size() - offset
            || length > MAXIMUM_FILE
            || externalBudget <= 0) {
          throw new WeightsException(
              "%s: initialiser %s lies at byte %,d of %s with %,d bytes, which has %,d."
                  .formatted(file, name, offset, beside, length, channel.size()));
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) length);
        while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {}
        return bytes.flip();
      }
    }
  }
}
