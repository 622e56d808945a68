package io.github.densenet4j.weights;

import io.github.densenet4j.weights.TorchView.Storage;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A file that {@code torch.save} wrote: a pickle of whatever it was given, in which tensors are
 * views of numbered storages. The storages lie beside the pickle in a zip file, or behind it in the
 * stream of older versions. State dictionaries and whole modules read the same; nothing of the file
 * is run.
 */
final class TorchFile {
  private static final BigInteger LEGACY_MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long LEGACY_VERSION = 1001;

  private final Path file;
  private final TorchObjects objects;
  private final TorchView.Materialiser tensors;

  private TorchFile(Path file, long size, boolean legacy) {
    this.file = file;
    this.objects = new TorchObjects(file, legacy);
    this.tensors = new TorchView.Materialiser(file, size);
  }

  static Checkpoint readZip(Path file, ZipCheckpoint zip, String folder) throws IOException {
    if (zip.text(folder + "byteorder").equals("big")) {
      throw new WeightsException(
          file + " was written on a big-endian machine: save it on another.");
    }
    TorchFile torch = new TorchFile(file, Files.size(file), false);
    Object root =
        new PickleReader(file + ", data.pkl", zip.bytes(folder + "data.pkl"), torch.objects).read();
    for (Storage storage : torch.objects.storages().values()) {
      storage.bytes = zip.bytes(folder + "data/" + storage.key).order(ByteOrder.LITTLE_ENDIAN);
      torch.requireBytes(storage);
    }
    String description = zip.text(folder + TorchWriter.DESCRIPTION);
    return StateDict.find(root, torch.tensors)
        .toCheckpoint(file, "PyTorch (zip)", TorchWriter.readDescription(file, description));
  }

  static Checkpoint readLegacy(Path file, ByteBuffer in) throws WeightsException {
    TorchFile torch = new TorchFile(file, in.capacity(), true);
    PickleReader pickles = new PickleReader(file.toString(), in, torch.objects);
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
    for (Storage storage : torch.objects.storages().values()) {
      if (storage.bytes == null) {
        throw new WeightsException(
            "%s: the bytes of storage %s are not in it.".formatted(file, storage.key));
      }
    }
    return StateDict.find(root, torch.tensors)
        .toCheckpoint(file, "PyTorch (legacy stream)", Map.of());
  }

  private void readStorage(ByteBuffer in, String key) throws WeightsException {
    Storage storage = objects.storages().get(key);
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
}
