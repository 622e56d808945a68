package io.github.densenet4j.weights;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a Python pickle as data and never runs anything of it. Only the opcodes that PyTorch writes
 * are known, every length is checked against the bytes that remain, and a name found in the file is
 * only a name: classes become inert {@link Instance}s, and a call is refused unless the {@link
 * Builder} knows it.
 *
 * <p>What comes out: null, Boolean, Long, BigInteger, Double, String, byte[], List, {@link Tuple},
 * Map, {@link Global}, {@link Instance}, and whatever the builder makes.
 */
final class PickleReader {
  /** A name in a module, e.g. {@code torch.FloatStorage}: never looked up. */
  record Global(String module, String name) {
    @Override
    public String toString() {
      return module + "." + name;
    }
  }

  /** A Python tuple. Equal only to itself, so that a hostile one cannot make hashing slow. */
  static final class Tuple {
    final List<Object> items;

    Tuple(List<Object> items) {
      this.items = Collections.unmodifiableList(items);
    }
  }

  /** An object of any class, as its name and its state. */
  static final class Instance {
    final Global type;
    final Map<Object, Object> items = new LinkedHashMap<>();
    final List<Object> elements = new ArrayList<>();
    Object state;

    Instance(Global type) {
      this.type = type;
    }
  }

  /** What the reader leaves to its user: calls and persistent ids. */
  interface Builder {
    /**
     * The result of a call that is known to be harmless.
     *
     * @return {@link #UNKNOWN} if it is not known
     */
    Object call(Global function, List<Object> arguments) throws WeightsException;

    /** What a persistent id stands for: in PyTorch's files, a storage. */
    Object persistent(Object id) throws WeightsException;

    /** The answer to an unknown call. */
    Object UNKNOWN = new Object();
  }

  private static final Object MARK = new Object();
  private static final int HIGHEST_PROTOCOL = 5;

  /** A byte can make an object of a hundred: a checkpoint has some ten thousand steps. */
  private static final int MAXIMUM_STEPS = 2_000_000;

  private final String name;
  private final ByteBuffer in;
  private final Builder builder;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();
  private int opcodeAt;

  /**
   * A reader of one or several pickles in a row.
   *
   * @param name of the file in messages
   * @param in from its position on
   */
  PickleReader(String name, ByteBuffer in, Builder builder) {
    this.name = name;
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
    this.builder = builder;
  }

  /**
   * Reads the next pickle.
   *
   * @throws WeightsException naming the place, if it is damaged or asks for what is not allowed
   */
  Object read() throws WeightsException {
    stack.clear();
    memo.clear();
    for (int steps = 0; steps < MAXIMUM_STEPS; steps++) {
      opcodeAt = in.position();
      int opcode = unsignedByte();
      if (opcode == '.') {
        Object result = pop();
        if (!stack.isEmpty()) {
          throw error("it ends with " + stack.size() + " values too many");
        }
        return result;
      }
      step(opcode);
    }
    throw error("it has more than 2,000,000 steps: it is no checkpoint of a DenseNet");
  }

  private void step(int opcode) throws WeightsException {
    switch (opcode) {
      case 0x80 -> protocol(); // PROTO
      case 0x95 -> need(in.remaining() >= 8 ? in.getLong() : Long.MAX_VALUE); // FRAME
      case '(' -> stack.add(MARK);
      case '0' -> pop();
      case '2' -> stack.add(peek()); // DUP
      case 'N' -> stack.add(null);
      case 0x88 -> stack.add(true);
      case 0x89 -> stack.add(false);
      case 'J' -> stack.add((long) (int) unsigned(4)); // BININT
      case 'K' -> stack.add(unsigned(1));
      case 'M' -> stack.add(unsigned(2));
      case 0x8a -> stack.add(integer(unsigned(1))); // LONG1
      case 'G' -> stack.add(bigEndianDouble()); // BINFLOAT
      case 'X' -> stack.add(text(unsigned(4))); // BINUNICODE
      case 0x8c -> stack.add(text(unsigned(1))); // SHORT_BINUNICODE
      case 'T' -> stack.add(text(unsigned(4))); // BINSTRING of Python 2
      case 'U' -> stack.add(text(unsigned(1))); // SHORT_BINSTRING
      case 'B' -> stack.add(bytes(unsigned(4))); // BINBYTES
      case 'C' -> stack.add(bytes(unsigned(1))); // SHORT_BINBYTES
      case ')' -> stack.add(new Tuple(List.of()));
      case 0x85 -> stack.add(new Tuple(take(1)));
      case 0x86 -> stack.add(new Tuple(take(2)));
      case 0x87 -> stack.add(new Tuple(take(3)));
      case 't' -> stack.add(new Tuple(sinceMark()));
      case ']', 0x8f -> stack.add(new ArrayList<>()); // EMPTY_LIST, EMPTY_SET
      case 'l' -> stack.add(sinceMark());
      case '}' -> stack.add(new LinkedHashMap<>());
      case 'd' -> stack.add(put(new LinkedHashMap<>(), sinceMark()));
      case 'a' -> append(take(1));
      case 'e', 0x90 -> append(sinceMark()); // APPENDS, ADDITEMS
      case 's' -> setItems(take(2));
      case 'u' -> setItems(sinceMark());
      case 'q' -> memo.put(unsigned(1), peek());
      case 'r' -> memo.put(unsigned(4), peek());
      case 0x94 -> memo.put((long) memo.size(), peek()); // MEMOIZE
      case 'h' -> stack.add(remembered(unsigned(1)));
      case 'j' -> stack.add(remembered(unsigned(4)));
      case 'c' -> stack.add(new Global(line(), line()));
      case 0x93 -> stackGlobal();
      case 'Q' -> stack.add(builder.persistent(pop())); // BINPERSID
      case 'R' -> reduce();
      case 0x81 -> newObject(take(2));
      case 'b' -> build();
      default ->
          throw error(
              "the opcode 0x%02x is none that PyTorch writes: it is damaged or not a checkpoint"
                  .formatted(opcode));
    }
  }

  private void protocol() throws WeightsException {
    int version = unsignedByte();
    if (version > HIGHEST_PROTOCOL) {
      throw error("it is in pickle protocol " + version + ", known are up to " + HIGHEST_PROTOCOL);
    }
  }

  private void stackGlobal() throws WeightsException {
    List<Object> names = take(2);
    if (names.get(0) instanceof String module && names.get(1) instanceof String member) {
      stack.add(new Global(module, member));
    } else {
      throw error("a global's name is not text");
    }
  }

  private void reduce() throws WeightsException {
    List<Object> call = take(2);
    if (!(call.get(0) instanceof Global function) || !(call.get(1) instanceof Tuple arguments)) {
      throw error("a call of something that is not a name");
    }
    Object result = builder.call(function, arguments.items);
    if (result == Builder.UNKNOWN) {
      throw new WeightsException(
          "%s, byte %,d: it asks to call %s, which is not one of the functions that a checkpoint needs; nothing was run. If you trust the file, save only its tensors in Python: torch.save(model.state_dict(), 'weights.pt')."
              .formatted(name, opcodeAt, function));
    }
    stack.add(result);
  }

  private void newObject(List<Object> parts) throws WeightsException {
    if (!(parts.get(0) instanceof Global type) || !(parts.get(1) instanceof Tuple)) {
      throw error("an object without a class's name");
    }
    boolean dictionary = type.module().equals("collections") && type.name().equals("OrderedDict");
    stack.add(dictionary ? new LinkedHashMap<>() : new Instance(type));
  }

  /** Gives an object its state. A dictionary's own attributes are of no interest. */
  private void build() throws WeightsException {
    Object state = pop();
    switch (peek()) {
      case Instance instance -> instance.state = state;
      case Map<?, ?> _ -> {}
      case null, default -> throw error("a state for something that has none");
    }
  }

  private void append(List<Object> elements) throws WeightsException {
    switch (peek()) {
      case Instance instance -> instance.elements.addAll(elements);
      case List<?> list -> list(list).addAll(elements);
      case null, default -> throw error("elements for something that is not a list");
    }
  }

  private void setItems(List<Object> pairs) throws WeightsException {
    switch (peek()) {
      case Instance instance -> put(instance.items, pairs);
      case Map<?, ?> map -> put(map(map), pairs);
      case null, default -> throw error("entries for something that is not a dictionary");
    }
  }

  @SuppressWarnings("unchecked") // every list and map on the stack was made here or by the builder
  private static List<Object> list(Object list) {
    return (List<Object>) list;
  }

  @SuppressWarnings("unchecked")
  private static Map<Object, Object> map(Object map) {
    return (Map<Object, Object>) map;
  }

  /**
   * Adds key, value, key, value, ...: keys that are neither text nor numbers only as themselves.
   */
  private Map<Object, Object> put(Map<Object, Object> map, List<Object> pairs)
      throws WeightsException {
    if (pairs.size() % 2 != 0) {
      throw error("a key without a value");
    }
    for (int i = 0; i < pairs.size(); i += 2) {
      Object key = pairs.get(i);
      boolean plain =
          key == null
              || key instanceof String
              || key instanceof Number
              || key instanceof Boolean
              || key instanceof Global;
      map.put(plain ? key : new Object(), pairs.get(i + 1));
    }
    return map;
  }

  private Object remembered(long index) throws WeightsException {
    if (!memo.containsKey(index)) {
      throw error("it refers to the value " + index + ", which it has not given yet");
    }
    return memo.get(index);
  }

  private Object peek() throws WeightsException {
    if (stack.isEmpty() || stack.getLast() == MARK) {
      throw error("a value is missing");
    }
    return stack.getLast();
  }

  private Object pop() throws WeightsException {
    Object value = peek();
    stack.removeLast();
    return value;
  }

  private List<Object> take(int count) throws WeightsException {
    int from = stack.size() - count;
    if (from < 0 || stack.subList(from, stack.size()).stream().anyMatch(value -> value == MARK)) {
      throw error("a value is missing");
    }
    return cut(from);
  }

  private List<Object> sinceMark() throws WeightsException {
    int mark = stack.size() - 1;
    while (mark >= 0 && stack.get(mark) != MARK) {
      mark--;
    }
    if (mark < 0) {
      throw error("a mark is missing");
    }
    List<Object> values = cut(mark + 1);
    stack.removeLast();
    return values;
  }

  private List<Object> cut(int from) {
    List<Object> tail = stack.subList(from, stack.size());
    List<Object> values = new ArrayList<>(tail);
    tail.clear();
    return values;
  }

  // ---- the bytes

  private void need(long count) throws WeightsException {
    if (count > in.remaining()) {
      throw error(
          "%,d bytes are announced, %,d remain: it is cut off or damaged"
              .formatted(count, in.remaining()));
    }
    if (count < 0) {
      throw error("a length below zero");
    }
  }

  private int unsignedByte() throws WeightsException {
    need(1);
    return in.get() & 0xff;
  }

  private long unsigned(int bytes) throws WeightsException {
    need(bytes);
    return switch (bytes) {
      case 1 -> in.get() & 0xff;
      case 2 -> in.getShort() & 0xffff;
      default -> in.getInt() & 0xffffffffL;
    };
  }

  private double bigEndianDouble() throws WeightsException {
    need(8);
    return Double.longBitsToDouble(Long.reverseBytes(in.getLong()));
  }

  private byte[] bytes(long count) throws WeightsException {
    need(count);
    byte[] bytes = new byte[(int) count];
    in.get(bytes);
    return bytes;
  }

  private String text(long count) throws WeightsException {
    return new String(bytes(count), StandardCharsets.UTF_8);
  }

  private String line() throws WeightsException {
    int end = in.position();
    while (end < in.limit() && in.get(end) != '\n') {
      end++;
    }
    if (end == in.limit()) {
      throw error("a name without an end");
    }
    String text = text(end - in.position());
    in.get();
    return text;
  }

  private Number integer(long count) throws WeightsException {
    byte[] bytes = bytes(count);
    for (int i = 0, j = bytes.length - 1; i < j; i++, j--) {
      byte swap = bytes[i];
      bytes[i] = bytes[j];
      bytes[j] = swap;
    }
    BigInteger value = bytes.length == 0 ? BigInteger.ZERO : new BigInteger(bytes);
    if (value.bitLength() < Long.SIZE) {
      return value.longValue();
    }
    return value;
  }

  private WeightsException error(String what) {
    return new WeightsException("%s, byte %,d: %s.".formatted(name, opcodeAt, what));
  }
}
