package io.github.densenet4j.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A model in several safetensors files with a JSON index, as Hugging Face's libraries write large
 * ones: {@code {"weight_map": {"tensor": "model-00001-of-00002.safetensors", ...}}}.
 */
final class ShardedSafeTensors {
  private static final long MAXIMUM_INDEX = 10_000_000;

  private ShardedSafeTensors() {}

  /** Reads the files that an index names, from its own directory. */
  static Checkpoint read(Path index, ByteBuffer bytes) throws IOException {
    Map<?, ?> shardOf = weightMap(index, bytes);
    Map<String, SafeTensors> shards = new LinkedHashMap<>();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : shardOf.entrySet()) {
      String name = (String) entry.getKey();
      if (!(entry.getValue() instanceof String shard)) {
        throw new WeightsException(index + ": the file of tensor " + name + " is not a name.");
      }
      if (!shards.containsKey(shard)) {
        SafeTensors read = SafeTensors.read(beside(index, shard));
        metadata.putAll(read.metadata());
        shards.put(shard, read);
      }
      Tensor tensor = shards.get(shard).tensors().get(name);
      if (tensor == null) {
        throw new WeightsException(
            "%s says that tensor %s is in %s, but it is not.".formatted(index, name, shard));
      }
      tensors.put(name, tensor);
    }
    return new Checkpoint(
        index,
        "safetensors in " + shards.size() + " files",
        "",
        tensors,
        metadata,
        List.of(),
        OptionalDouble.empty());
  }

  private static Map<?, ?> weightMap(Path index, ByteBuffer bytes) throws WeightsException {
    if (bytes.capacity() > MAXIMUM_INDEX) {
      throw new WeightsException(index + " has more than 10 MB: it is not an index.");
    }
    try {
      if (Json.read(StandardCharsets.UTF_8.decode(bytes.duplicate()).toString())
              instanceof Map<?, ?> map
          && map.get("weight_map") instanceof Map<?, ?> shardOf
          && !shardOf.isEmpty()) {
        return shardOf;
      }
    } catch (IllegalArgumentException e) {
      throw new WeightsException(index + " is not valid JSON: " + e.getMessage() + ".", e);
    }
    throw new WeightsException(
        index + " is JSON, but not the index of a sharded model: it has no weight_map.");
  }

  /** A file in the directory of another; names that lead elsewhere are refused. */
  static Path beside(Path file, String name) throws WeightsException {
    if (name.isEmpty()
        || name.contains("/")
        || name.contains("\\")
        || name.contains(":")
        || name.contains("\0")
        || name.startsWith("..")) {
      throw new WeightsException(
          "%s refers to '%s': only files in its own directory are read.".formatted(file, name));
    }
    Path sibling = file.resolveSibling(name);
    if (!Files.isRegularFile(sibling)) {
      throw new WeightsException(
          "%s refers to %s, which is not there: put it beside.".formatted(file, sibling));
    }
    return sibling;
  }
}
