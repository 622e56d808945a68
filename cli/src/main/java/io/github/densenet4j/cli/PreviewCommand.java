package io.github.densenet4j.cli;

import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Picture;
import io.github.densenet4j.train.Augmentation;
import io.github.densenet4j.train.ContactSheet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code densenet preview}. */
@Command(
    name = "preview",
    mixinStandardHelpOptions = true,
    description =
        "Write a contact sheet of what the network will see: a row a picture, first plain, then as"
            + " it will look in some epochs.",
    footer = {
      "",
      "Example:",
      "  densenet preview --data pictures/ --augment imagenet --size 64 --out sheet.png"
    })
final class PreviewCommand implements Callable<Integer> {
  private static final int USUAL_SIZE = 64;

  @Spec private CommandSpec spec;
  @Mixin private DataOptions data;

  @Option(
      names = "--augment",
      paramLabel = "A",
      defaultValue = "cifar",
      description = "As of train. Default: ${DEFAULT-VALUE}.")
  private String augment;

  @Option(names = "--size", paramLabel = "N|HxW", description = "Pixels of the network's input.")
  private String size;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "6",
      description = "Pictures. Default: ${DEFAULT-VALUE}.")
  private int rows;

  @Option(
      names = "--columns",
      paramLabel = "N",
      defaultValue = "9",
      description = "Looks of each, the plain one included. Default: ${DEFAULT-VALUE}.")
  private int columns;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of everything random. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "FILE.png",
      defaultValue = "preview.png",
      description = "Where to write it. Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    DataSplit split = data.split(data.open(), seed);
    Dataset train = split.train();
    if (rows < 1 || columns < 1 || rows > 100 || columns > 100) {
      throw new UsageException("--rows and --columns must be at least 1 and at most 100.");
    }
    Picture sheet = sheet(train).draw(Math.min(rows, train.size()), columns);
    if (!ImageIO.write(sheet.toImage(), "png", out.toFile())) {
      throw new IOException("This Java writes no PNG.");
    }
    spec.commandLine().getOut().printf("%s: %d x %d%n", out, sheet.width(), sheet.height());
    return 0;
  }

  private ContactSheet sheet(Dataset train) {
    int[] sides = {
      train.height() > 0 ? train.height() : USUAL_SIZE,
      train.width() > 0 ? train.width() : USUAL_SIZE
    };
    int[] wanted = size == null ? sides : NetworkOptions.parseSize(size);
    try {
      InputTransform input = InputTransform.plain(train.channels(), wanted[0], wanted[1]);
      return new ContactSheet(train, input, Augmentation.parse(augment), seed);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--" + e.getMessage());
    }
  }
}
