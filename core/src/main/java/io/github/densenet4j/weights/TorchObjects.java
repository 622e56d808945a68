package io.github.densenet4j.weights;

import io.github.densenet4j.weights.PickleReader.Global;
import io.github.densenet4j.weights.PickleReader.Instance;
import io.github.densenet4j.weights.PickleReader.Tuple;
import io.github.densenet4j.weights.TorchView.Storage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a pickle of PyTorch's may ask for, and what becomes of it: storages, tensors as views of
 * them, dictionaries, and names without meaning.
 */
final class TorchObjects implements PickleReader.Builder {
  /** What a function's result is here. */
  private enum Call {
    /** A view of a storage. */
    TENSOR,
    /** A view whose type is an argument. */
    TYPED_TENSOR,
    /** What the first argument names, called with the third. */
    SUBCLASS,
    /** The first argument. */
    FIRST,
    /** A dictionary. */
    DICTIONARY,
    /** Nothing that the weights need. */
    INERT
  }

  /** Every function that a pickle may call; the page on formats lists them too. */
  private static final Map<String, Call> CALLS = new TreeMap<>();

  static {
    put(Call.TENSOR, "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2");
    put(Call.TYPED_TENSOR, "torch._utils._rebuild_tensor_v3");
    put(Call.SUBCLASS, "torch._tensor._rebuild_from_type_v2");
    put(
        Call.FIRST,
        "torch.Size",
        "torch.nn.parameter.Buffer",
        "torch.nn.parameter.Parameter",
        "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_parameter_with_state",
        "torch.jit._pickle.build_intlist",
        "torch.jit._pickle.build_doublelist",
        "torch.jit._pickle.build_boollist",
        "torch.jit._pickle.build_tensorlist",
        "torch.jit._pickle.restore_type_tag");
    put(
        Call.DICTIONARY,
        "collections.OrderedDict",
        "collections.defaultdict",
        "collections.Counter");
    put(
        Call.INERT,
        "builtins.set",
        "builtins.frozenset",
        "__builtin__.set",
        "__builtin__.frozenset",
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
  }

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

  private final Path file;
  private final boolean legacy;
  private final Map<String, Storage> storages = new LinkedHashMap<>();

  /**
   * For one file.
   *
   * @param legacy whether it may refer to classes with their source and to parts of storages
   */
  TorchObjects(Path file, boolean legacy) {
    this.file = file;
    this.legacy = legacy;
  }

  private static void put(Call call, String... names) {
    for (String name : names) {
      CALLS.put(name, call);
    }
  }

  /** The functions that a pickle may call: everything else is refused. */
  static List<String> allowedCalls() {
    return List.copyOf(CALLS.keySet());
  }

  /** The storages that were referred to, by key. */
  Map<String, Storage> storages() {
    return storages;
  }

  /** A part of a storage, in legacy files. */
  private record Part(Storage storage, long offset) {}

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

  @Override
  public Object call(Global function, List<Object> arguments) throws WeightsException {
    return switch (CALLS.get(function.toString())) {
      case null -> UNKNOWN;
      case TENSOR -> view(arguments, null);
      case TYPED_TENSOR ->
          view(arguments, arguments.size() > 6 && arguments.get(6) instanceof Global g ? g : null);
      case SUBCLASS ->
          arguments.size() > 2
                  && arguments.get(0) instanceof Global inner
                  && arguments.get(2) instanceof Tuple values
                  && CALLS.get(inner.toString()) != Call.SUBCLASS
              ? call(inner, values.items)
              : UNKNOWN;
      case FIRST -> arguments.isEmpty() ? UNKNOWN : arguments.get(0);
      case DICTIONARY -> dictionary(arguments);
      case INERT -> new Instance(function);
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

  private TorchView view(List<Object> arguments, Global dtype) throws WeightsException {
    if (arguments.size() < 4) {
      throw new WeightsException(file + ": a tensor without storage, offset, size and stride.");
    }
    Object storage = arguments.get(0);
    Part part =
        switch (storage) {
          case Storage whole -> new Part(whole, 0);
          case Part p -> p;
          case null, default -> throw new WeightsException(file + ": a tensor without a storage.");
        };
    return new TorchView(
        part.storage,
        dtype == null ? part.storage.dtype : dtype(dtype),
        part.offset + whole(arguments, 1),
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
}
