package io.github.densenet4j.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/**
 * A tensor as PyTorch describes it: which elements of which storage.
 *
 * @param storage the numbers, maybe shared with other tensors
 * @param dtype their type, which need not be the storage's
 * @param offset of the first element
 * @param shape sides, outermost first
 * @param strides elements from one index of a side to the next
 */
record TorchView(Storage storage, String dtype, long offset, List<Long> shape, List<Long> strides) {

  /** Numbers that tensors are views of. Their bytes come later than their description. */
  static final class Storage {
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

  /** Makes tensors of views; those that must be copied may not become much more than the file. */
  static final class Materialiser implements StateDict.Materialiser {
    private final Path file;
    private long budget;

    Materialiser(Path file, long fileSize) {
      this.file = file;
      budget = (64L << 20) + 4 * fileSize;
    }

    /**
     * The elements of a view in C order: without a copy if they lie so.
     *
     * @throws WeightsException if it reaches beyond its storage
     */
    @Override
    public Tensor of(String name, TorchView view) throws WeightsException {
      Storage storage = view.storage;
      int bytes = Tensor.bytes(view.dtype);
      long offset = view.offset;
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
                  last,
                  Math.multiplyExact(Math.max(0, view.shape.get(i) - 1), view.strides.get(i)));
        }
      } catch (ArithmeticException e) {
        throw new WeightsException(
            "%s: tensor %s has the absurd shape %s with strides %s."
                .formatted(file, name, view.shape, view.strides),
            e);
      }
      if (offset < 0 || size > 0 && (last >= available || size > available)) {
        throw new WeightsException(
            "%s: tensor %s of shape %s reaches to element %,d of a storage with %,d: it is damaged."
                .formatted(file, name, view.shape, last, available));
      }
      if (size == 0 || isContiguous(view)) {
        ByteBuffer data =
            storage.bytes.slice((int) (offset * bytes) * (size == 0 ? 0 : 1), (int) size * bytes);
        return new Tensor(name, view.dtype, view.shape, data.order(ByteOrder.LITTLE_ENDIAN));
      }
      budget -= size * bytes;
      if (budget < 0) {
        throw new WeightsException(
            file + ": its tensors expand to far more than the file has: it is damaged or hostile.");
      }
      return new Tensor(
          name, view.dtype, view.shape, gather(storage.bytes, view, offset, (int) size));
    }

    private static boolean isContiguous(TorchView view) {
      long expected = 1;
      for (int i = view.shape.size() - 1; i >= 0; i--) {
        if (view.shape.get(i) != 1 && view.strides.get(i) != expected) {
          return false;
        }
        expected *= view.shape.get(i);
      }
      return true;
    }

    private static ByteBuffer gather(ByteBuffer from, TorchView view, long offset, int size) {
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
  }
}
