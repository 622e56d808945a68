package io.github.densenet4j.weights;

import io.github.densenet4j.weights.PickleReader.Builder;
import io.github.densenet4j.weights.PickleReader.Global;
import io.github.densenet4j.weights.PickleReader.Instance;
import io.github.densenet4j.weights.PickleReader.Tuple;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A file that {@code torch.save} wrote: a pickle of whatever it was given, in which tensors are
 * views of numbered storages. The storages lie beside the pickle in a zip file, or behind it in the
 * stream of older versions. State dictionaries and whole modules read the same; nothing of the file
 * is run.
 */
final class TorchFile {
  private static final BigInteger LEGACY_MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long LEGACY_VERSION = 1001;

  /** The types of storages and tensors, by PyTorch's names. */
  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("FloatStorage", "F32"),
          Map.entry("DoubleStorage", "F64"),
          Map.entry("HalfStorage", "F16"),
          Map.entry("BFloat16Storage", "BF16"),
          Map.entry("LongStorage", "I64"),
          Map.entry("IntStorage", "I32"),
          Map.entry("ShortStorage", "I16"),
          Map.entry("CharStorage", "I8"),
          Map.entry("ByteStorage", "U8"),
          Map.entry("BoolStorage", "BOOL"),
          Map.entry("UntypedStorage", "U8"),
          Map.entry("float32", "F32"),
          Map.entry("float64", "F64"),
          Map.entry("float16", "F16"),
          Map.entry("bfloat16", "BF16"),
          Map.entry("int64", "I64"),
          Map.entry("int32", "I32"),
          Map.entry("int16", "I16"),
          Map.entry("int8", "I8"),
          Map.entry("uint8", "U8"),
          Map.entry("bool", "BOOL"));

  /** Functions whose result is of no interest, but which do occur beside the weights. */
  private static final Set<String> INERT =
      Set.of(
          "torch.device",
          "_codecs.encode",
          "numpy.dtype",
          "numpy.core.multiarray.scalar",
          "numpy._core.multiarray.scalar",
          "numpy.core.multiarray._reconstruct",
          "numpy._core.multiarray._reconstruct",
          "pathlib.PosixPath",
          "pathlib.WindowsPath",
          "pathlib.PurePosixPath",
          "pathlib.PureWindowsPath",
          "pathlib._local.PosixPath",
          "datetime.datetime",
          "datetime.timedelta");

  private final Path file;
  private final Map<String, Storage> storages = new LinkedHashMap<>();
  private long copyBudget;

  private TorchFile(Path file, long size) {
    this.file = file;
    copyBudget = (64L << 20) + 4 * size;
  }

  /** Numbers that tensors are views of. Their bytes come later in a legacy file. */
  private static final class Storage {
    final String key;
    final String dtype;
    final long elements;
    ByteBuffer bytes;

    Storage(String key, String dtype, long elements) {
      this.key = key;
      this.dtype = dtype;
      this.elements = elements;
    }
  }

  /** A part of a storage, for legacy files. */
  private record Part(Storage storage, long offset) {}

  /** A tensor as the pickle describes it: which elements of which storage. */
  record View(Object storage, String dtype, long offset, List<Long> shape, List<Long> strides) {}

  // ---- the two kinds of files

  static Checkpoint readZip(Path file, ZipCheckpoint zip, String folder) throws IOException {
    if (zip.text(folder + "byteorder").equals("big")) {
      throw new WeightsException(
          file + " was written on a big-endian machine: save it on another.");
    }
    TorchFile torch = new TorchFile(file, Files.size(file));
    Object root =
        new PickleReader(file + ", data.pkl", zip.bytes(folder + "data.pkl"), torch.builder(false))
            .read();
    for (Storage storage : torch.storages.values()) {
      storage.bytes = zip.bytes(folder + "data/" + storage.key).order(ByteOrder.LITTLE_ENDIAN);
      torch.requireBytes(storage);
    }
    String description = zip.text(folder + TorchWriter.DESCRIPTION);
    return StateDict.find(root, torch::materialise)
        .toCheckpoint(file, "PyTorch (zip)", TorchWriter.readDescription(file, description));
  }

  static Checkpoint readLegacy(Path file, ByteBuffer in) throws WeightsException {
    TorchFile torch = new TorchFile(file, in.capacity());
    PickleReader pickles = new PickleReader(file.toString(), in, torch.builder(true));
    if (!LEGACY_MAGIC.equals(pickles.read())) {
      throw new WeightsException(
          file
              + " is a Python pickle, but not one of torch.save: save the weights with"
              + " torch.save(model.state_dict(), 'weights.pt').");
    }
    if (!Long.valueOf(LEGACY_VERSION).equals(pickles.read())) {
      throw new WeightsException(file + " is in an unknown version of PyTorch's legacy format.");
    }
    if (pickles.read() instanceof Map<?, ?> system
        && Boolean.FALSE.equals(system.get("little_endian"))) {
      throw new WeightsException(
          file + " was written on a big-endian machine: save it on another.");
    }
    Object root = pickles.read();
    if (!(pickles.read() instanceof List<?> keys)) {
      throw new WeightsException(file + ": the list of its storages is damaged.");
    }
    for (Object key : keys) {
      torch.readStorage(in, String.valueOf(key));
    }
    for (Storage storage : torch.storages.values()) {
      if (storage.bytes == null) {
        throw new WeightsException(
            "%s: the bytes of storage %s are not in it.".formatted(file, storage.key));
      }
    }
    return StateDict.find(root, torch::materialise)
        .toCheckpoint(file, "PyTorch (legacy stream)", Map.of());
  }

  private void readStorage(ByteBuffer in, String key) throws WeightsException {
    Storage storage = storages.get(key);
    long elements = in.remaining() >= 8 ? in.getLong() : -1;
    if (storage == null || elements != storage.elements) {
      throw new WeightsException(
          "%s, byte %,d: storage %s has %,d elements, expected %s."
              .formatted(
                  file,
                  in.position(),
                  key,
                  elements,
                  storage == null ? "no such storage" : "%,d".formatted(storage.elements)));
    }
    long bytes = Math.min(Long.MAX_VALUE / 16, elements) * Tensor.bytes(storage.dtype);
    if (bytes > in.remaining()) {
      throw new WeightsException(
          "%s: storage %s needs %,d bytes, %,d remain: it is cut off or damaged."
              .formatted(file, key, bytes, in.remaining()));
    }
    storage.bytes = in.slice(in.position(), (int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + (int) bytes);
  }

  private void requireBytes(Storage storage) throws WeightsException {
    if (storage.elements != storage.bytes.capacity() / Tensor.bytes(storage.dtype)) {
      throw new WeightsException(
          "%s: storage %s has %,d bytes, its pickle says %,d elements of type %s."
              .formatted(
                  file, storage.key, storage.bytes.capacity(), storage.elements, storage.dtype));
    }
  }

  // ---- what the pickle may ask for

  private Builder builder(boolean legacy) {
    return new Builder() {
      @Override
      public Object call(Global function, List<Object> arguments) throws WeightsException {
        return TorchFile.this.call(function, arguments);
      }

      @Override
      public Object persistent(Object id) throws WeightsException {
        List<Object> parts = id instanceof Tuple tuple ? tuple.items : List.of();
        if (legacy && parts.size() >= 2 && "module".equals(parts.get(0))) {
          return parts.get(1); // a class, with its source, which is not looked at
        }
        if (parts.size() < 5
            || !"storage".equals(parts.get(0))
            || !(parts.get(1) instanceof Global type)
            || !(parts.get(4) instanceof Long elements)
            || elements < 0) {
          throw new WeightsException(file + ": a reference to something that is not a storage.");
        }
        Storage storage = storage(String.valueOf(parts.get(2)), type, elements);
        if (parts.size() > 5 && parts.get(5) instanceof Tuple view) {
          return new Part(storage, whole(view.items, 1));
        }
        return storage;
      }
    };
  }

  private Storage storage(String key, Global type, long elements) throws WeightsException {
    String dtype = dtype(type);
    Storage known = storages.get(key);
    if (known == null) {
      known = new Storage(key, dtype, elements);
      storages.put(key, known);
      if (storages.size() > Checkpoint.MAXIMUM_TENSORS) {
        throw new WeightsException(file + " has more than 100,000 storages: it is not a network.");
      }
    }
    return known;
  }

  private String dtype(Global type) throws WeightsException {
    String dtype = type.module().startsWith("torch") ? TYPES.get(type.name()) : null;
    if (dtype == null) {
      throw new WeightsException(
          file + " holds numbers of the type " + type + ", which is not known here.");
    }
    return dtype;
  }

  private Object call(Global function, List<Object> arguments) throws WeightsException {
    return switch (function.toString()) {
      case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" ->
          view(arguments, null);
      case "torch._utils._rebuild_tensor_v3" ->
          view(arguments, arguments.size() > 6 && arguments.get(6) instanceof Global g ? g : null);
      case "torch._utils._rebuild_parameter",
          "torch._utils._rebuild_parameter_with_state",
          "torch.jit._pickle.build_intlist",
          "torch.jit._pickle.build_doublelist",
          "torch.jit._pickle.build_boollist",
          "torch.jit._pickle.build_tensorlist",
          "torch.jit._pickle.restore_type_tag" ->
          arguments.isEmpty() ? Builder.UNKNOWN : arguments.get(0);
      case "torch._tensor._rebuild_from_type_v2" ->
          arguments.size() > 2
                  && arguments.get(0) instanceof Global inner
                  && arguments.get(2) instanceof Tuple values
                  && !inner.name().equals(function.name())
              ? call(inner, values.items)
              : Builder.UNKNOWN;
      case "collections.OrderedDict", "collections.defaultdict", "collections.Counter" ->
          dictionary(arguments);
      case "torch.Size" ->
          arguments.size() == 1 && arguments.get(0) instanceof Tuple size
              ? size
              : new Tuple(List.of());
      case "builtins.set", "__builtin__.set", "builtins.frozenset", "__builtin__.frozenset" ->
          new ArrayList<>();
      default -> INERT.contains(function.toString()) ? new Instance(function) : Builder.UNKNOWN;
    };
  }

  /** An ordered dictionary: empty, or of a list of pairs, as Python 2 wrote it. */
  private static Map<Object, Object> dictionary(List<Object> arguments) {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (!arguments.isEmpty() && arguments.getLast() instanceof List<?> pairs) {
      for (Object pair : pairs) {
        List<?> items =
            pair instanceof Tuple tuple ? tuple.items : pair instanceof List<?> l ? l : List.of();
        if (items.size() == 2 && items.get(0) instanceof String key) {
          map.put(key, items.get(1));
        }
      }
    }
    return map;
  }

  private View view(List<Object> arguments, Global dtype) throws WeightsException {
    if (arguments.size() < 4) {
      throw new WeightsException(file + ": a tensor without storage, offset, size and stride.");
    }
    Object storage = arguments.get(0);
    String type =
        switch (storage) {
          case Storage s -> s.dtype;
          case Part part -> part.storage.dtype;
          case null, default -> throw new WeightsException(file + ": a tensor without a storage.");
        };
    return new View(
        storage,
        dtype == null ? type : dtype(dtype),
        whole(arguments, 1),
        wholes(arguments.get(2)),
        wholes(arguments.get(3)));
  }

  private long whole(List<Object> values, int index) throws WeightsException {
    if (index < values.size() && values.get(index) instanceof Long value && value >= 0) {
      return value;
    }
    throw new WeightsException(
        file + ": a tensor's offset, size or stride is not a whole number from 0 up.");
  }

  private List<Long> wholes(Object tuple) throws WeightsException {
    List<Object> items = tuple instanceof Tuple t ? t.items : List.of();
    List<Long> out = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      out.add(whole(items, i));
    }
    return out;
  }

  // ---- from a view to a tensor

  /**
   * The elements of a view in C order: without a copy if they lie so.
   *
   * @throws WeightsException if it reaches beyond its storage
   */
  Tensor materialise(String name, View view) throws WeightsException {
    Storage storage = view.storage instanceof Part part ? part.storage : (Storage) view.storage;
    int bytes = Tensor.bytes(view.dtype);
    long offset =
        view.storage instanceof Part part ? Math.addExact(part.offset, view.offset) : view.offset;
    long available = storage.bytes.capacity() / bytes;
    long size = 1;
    long last = offset;
    try {
      for (int i = 0; i < view.shape.size(); i++) {
        size = Math.multiplyExact(size, view.shape.get(i));
        if (view.strides.size() != view.shape.size()) {
          throw new ArithmeticException("strides");
        }
        last =
            Math.addExact(
                last, Math.multiplyExact(Math.max(0, view.shape.get(i) - 1), view.strides.get(i)));
      }
    } catch (ArithmeticException e) {
      throw new WeightsException(
          "%s: tensor %s has the absurd shape %s with strides %s."
              .formatted(file, name, view.shape, view.strides),
          e);
    }
    if (size > 0 && (last >= available || size > available)) {
      throw new WeightsException(
          "%s: tensor %s of shape %s reaches to element %,d of a storage with %,d: it is damaged."
              .formatted(file, name, view.shape, last, available));
    }
    if (size == 0 || isContiguous(view)) {
      ByteBuffer data =
          storage.bytes.slice((int) (offset * bytes) * (size == 0 ? 0 : 1), (int) size * bytes);
      return new Tensor(name, view.dtype, view.shape, data.order(ByteOrder.LITTLE_ENDIAN));
    }
    copyBudget -= size * bytes;
    if (copyBudget < 0) {
      throw new WeightsException(
          file + ": its tensors expand to far more than the file has: it is damaged or hostile.");
    }
    return new Tensor(
        name, view.dtype, view.shape, gather(storage.bytes, view, offset, (int) size));
  }

  private static boolean isContiguous(View view) {
    long expected = 1;
    for (int i = view.shape.size() - 1; i >= 0; i--) {
      if (view.shape.get(i) != 1 && view.strides.get(i) != expected) {
        return false;
      }
      expected *= view.shape.get(i);
    }
    return true;
  }

  private static ByteBuffer gather(ByteBuffer from, View view, long offset, int size) {
    int bytes = Tensor.bytes(view.dtype);
    ByteBuffer out = ByteBuffer.allocate(size * bytes).order(ByteOrder.LITTLE_ENDIAN);
    long[] index = new long[view.shape.size()];
    long at = offset;
    for (int i = 0; i < size; i++) {
      out.put(i * bytes, from, (int) (at * bytes), bytes);
      for (int d = index.length - 1; d >= 0; d--) { // the next index, as an odometer counts
        at += view.strides.get(d);
        if (++index[d] < view.shape.get(d)) {
          break;
        }
        at -= index[d] * view.strides.get(d);
        index[d] = 0;
      }
    }
    return out;
  }

  /** The names that a pickle may call, for people: everything else is refused. */
  static List<String> allowedCalls() {
    List<String> names =
        new ArrayList<>(
            List.of(
                "torch._utils._rebuild_tensor",
                "torch._utils._rebuild_tensor_v2",
                "torch._utils._rebuild_tensor_v3",
                "torch._utils._rebuild_parameter",
                "torch._utils._rebuild_parameter_with_state",
                "torch._tensor._rebuild_from_type_v2",
                "torch.jit._pickle.build_intlist",
                "torch.jit._pickle.build_doublelist",
                "torch.jit._pickle.build_boollist",
                "torch.jit._pickle.build_tensorlist",
                "torch.jit._pickle.restore_type_tag",
                "torch.Size",
                "collections.OrderedDict",
                "collections.defaultdict",
                "collections.Counter",
                "builtins.set",
                "builtins.frozenset"));
    INERT.stream().sorted().forEach(names::add);
    return names;
  }
}
