package example;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.DataFolder;
import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Picture;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.train.EpochResult;
import io.github.densenet4j.train.Recipe;
import io.github.densenet4j.train.TrainListener;
import io.github.densenet4j.train.Trainer;
import io.github.densenet4j.weights.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Trains a network on a folder with a sub-folder a class. */
public final class Train {
  private Train() {}

  /** Arguments: the folder of pictures, and a new folder for the run. */
  public static void main(String[] arguments) throws IOException {
    train(DataFolder.open(Path.of(arguments[0])).split(0.2, 1), Path.of(arguments[1]));
  }

  static EpochResult train(DataSplit data, Path run) throws IOException {
    List<String> names = data.train().classNames();
    DenseNetConfig config = DenseNetConfig.cifar(16, 8, true).withClasses(names.size());
    InputTransform input = InputTransform.named("cifar10", 3, 32, 32);
    Model model = new Model(config, Weights.initialise(config, 1), names, input);
    try (Engine.Resources engine = Engine.open(0)) {
      Recipe recipe = Recipe.named("paper-cifar").with("epochs", 8).with("batch", 8);
      return new Trainer(new DenseNet(model, engine.engine()), data, recipe, run)
          .withListener(
              new TrainListener() {
                @Override
                public void epoch(EpochResult result) {
                  System.out.println(result.epoch() + ": " + result.validation().top1());
                }
              })
          .run();
    }
  }

  /** Pictures from a storage of one's own: day and night skies, for instance. */
  record Skies(int size) implements Dataset {
    @Override
    public String name() {
      return "skies";
    }

    @Override
    public List<String> classNames() {
      return List.of("night", "day");
    }

    @Override
    public int[] labels(int index) {
      return new int[] {index % 2};
    }

    @Override
    public Picture picture(int index) {
      byte[] pixels = new byte[3 * 32 * 32];
      java.util.Arrays.fill(pixels, 2048, 3072, (byte) (index % 2 * 150 + index % 50));
      return new Picture(3, 32, 32, pixels);
    }
  }
}
