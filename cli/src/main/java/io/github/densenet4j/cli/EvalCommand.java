package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.train.Evaluation;
import io.github.densenet4j.weights.Model;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code densenet eval}. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description = "Evaluate a model on a data set's test pictures.",
    footer = {
      "",
      "Example:",
      "  densenet eval --model runs/NAME/best.safetensors --data sample --json"
    })
final class EvalCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOptions model;
  @Mixin private DataOptions data;

  @Option(
      names = "--ten-crop",
      description =
          "Average the logits of four corners, the middle, and their mirror images, as the paper"
              + " does.")
  private boolean tenCrop;

  @Option(
      names = "--json",
      description = "Print JSON: top1, top5 (fractions of 1), loss, images, images_per_s.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Model loaded = model.load();
    Dataset test = inClassesOf(loaded, data.test());
    try (Engine.Resources engine = Engine.open(model.threads)) {
      DenseNet net = new DenseNet(loaded, engine.engine());
      Evaluation result =
          tenCrop
              ? Evaluation.tenCrop(net, test, loaded.input())
              : Evaluation.of(net, test, loaded.input());
      if (json) {
        Output.json(spec.commandLine().getOut(), toJson(result));
      } else {
        spec.commandLine()
            .getOut()
            .printf(
                "%s: top-1 %.4f  top-5 %.4f  loss %.4f  %,d pictures  %.0f images/s%n",
                test.name(),
                result.top1(),
                result.top5(),
                result.loss(),
                result.images(),
                result.imagesPerSecond());
      }
      return 0;
    }
  }

  /** Classes are matched by name; a model without names by number. */
  private static Dataset inClassesOf(Model model, Dataset test) throws IOException {
    if (!model.classNames().isEmpty() && !model.classNames().equals(test.classNames())) {
      return test.withClassNames(model.classNames());
    }
    if (test.classNames().size() > model.config().classes()) {
      throw new UsageException(
          "The model knows %d classes, %s has %d."
              .formatted(model.config().classes(), test.name(), test.classNames().size()));
    }
    return test;
  }

  private static Map<String, Object> toJson(Evaluation result) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("top1", result.top1());
    fields.put("top5", result.top5());
    fields.put("loss", result.loss());
    fields.put("images", result.images());
    fields.put("images_per_s", Output.round(result.imagesPerSecond(), 1));
    return fields;
  }
}
