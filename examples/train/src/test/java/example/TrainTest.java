package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.Picture;
import io.github.densenet4j.train.EpochResult;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example trains what it says. */
class TrainTest {
  @TempDir private Path folder;

  @Test
  void aStorageOfOnesOwn() throws Exception {
    DataSplit data = new DataSplit(new Train.Skies(80), new Train.Skies(40));
    EpochResult last = Train.train(data, folder.resolve("run"));
    assertEquals(8, last.epoch());
    assertTrue(last.validation().top1() > 0.9, last.toString());
  }

  @Test
  void aFolder() throws Exception {
    Train.Skies skies = new Train.Skies(40);
    for (int i = 0; i < skies.size(); i++) {
      String name = skies.classNames().get(skies.label(i));
      Path file = folder.resolve("pictures").resolve(name).resolve(i + ".png");
      Files.createDirectories(file.getParent());
      ImageIO.write(skies.picture(i).toImage(), "png", file.toFile());
    }
    Path run = folder.resolve("run");
    Train.main(new String[] {folder.resolve("pictures").toString(), run.toString()});
    DenseNet net = DenseNet.load(run.resolve("best.safetensors"));
    Picture night = skies.picture(2);
    assertEquals("night", net.classify(night).best().label());
  }
}
