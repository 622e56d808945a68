package io.github.densenet4j.cli;

import io.github.densenet4j.train.Recipe;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** An option for each value of a recipe; values are checked where the recipe is made. */
final class RecipeOptions implements IModelTransformer {
  private static final Map<String, String[]> OPTIONS = new LinkedHashMap<>();

  static {
    add("epochs", "N", "Times that every picture is seen.");
    add("batch", "N", "Pictures of a step.");
    add("micro-batch", "N", "Pictures that go through the network together; divides --batch.");
    add("optimiser", "RULE", "sgd or adamw.");
    add("lr", "RATE", "Highest learning rate.");
    add("momentum", "M", "Momentum; beta1 of adamw.");
    add("nesterov", "true|false", "Whether sgd looks ahead.");
    add("beta2", "B", "Of adamw.");
    add("weight-decay", "D", "Weight decay.");
    add("decay-vectors", "true|false", "Whether normalisations and biases decay too.");
    add(
        "schedule",
        "S",
        "constant, step (/10 at 50 %% and 75 %% of the epochs), step:EPOCHS:FACTOR,"
            + " multi-step:EPOCH:EPOCH, cosine, one-cycle:RISE:START:END or"
            + " plateau:FACTOR:EPOCHS.");
    add("warmup", "EPOCHS", "Epochs in which the learning rate rises, before the schedule.");
    add("clip", "NORM", "Longest gradient; 0: any.");
    add("ema", "DECAY", "Moving average of the weights, e.g. 0.999; 0: none.");
    add("loss", "L", "auto, cross-entropy, focal or binary (several labels).");
    add("label-smoothing", "E", "Part of a label that all classes share.");
    add("gamma", "G", "Of the focal loss.");
    add("class-weights", "none|balanced", "Whether rare classes weigh more in the loss.");
    add("sampling", "uniform|balanced", "Whether all classes are drawn equally often.");
    add("patience", "N", "Epochs without a better model before training ends; 0: any.");
    add("freeze", "PARTS", "Parts that do not learn, e.g. stem..block3.");
    add("freeze-bn", "true|false", "Whether normalisations keep their running statistics.");
    add("rates", "R", "Factors of the learning rate by part, e.g. stem..block3=0.1,head=10.");
    add(
        "augment",
        "A",
        "cifar, imagenet, gentle, none, or pad-crop:4, flip, flip-vertical, resized-crop:0.08,"
            + " rotate:15, jitter:0.4, trivial, rand:2:9, erase:0.25, mixup:0.2, cutmix:1 with"
            + " commas between.");
    add("memory", "auto|fast|low", "Recompute in the backward pass; changes no number.");
    add("seed", "N", "Of everything random.");
  }

  private static void add(String key, String label, String description) {
    OPTIONS.put(key, new String[] {label, description});
  }

  @Override
  public CommandSpec transform(CommandSpec command) {
    OPTIONS.forEach(
        (key, texts) -> {
          if (command.findOption("--" + key) == null) {
            OptionSpec.Builder option =
                OptionSpec.builder("--" + key)
                    .paramLabel(texts[0])
                    .type(String.class)
                    .description(texts[1] + " Default: the recipe's.");
            if (texts[0].equals("true|false")) {
              option.arity("0..1").fallbackValue("true");
            }
            command.addOption(option.build());
          }
        });
    return command;
  }

  /** A named recipe with what the user gave. */
  static Recipe recipe(String name, CommandSpec command) {
    try {
      Map<String, String> values = new LinkedHashMap<>(Recipe.named(name).values());
      for (String key : OPTIONS.keySet()) {
        String given = command.findOption("--" + key).getValue();
        if (given != null) {
          values.put(key, given);
        }
      }
      return Recipe.of(values);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--" + e.getMessage());
    }
  }
}
