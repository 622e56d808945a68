package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.OutputTransform;
import io.github.densenet4j.data.Picture;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a Java developer writes: load, classify, embed, look inside. */
class DenseNetTest {
  @TempDir private Path folder;

  private static Path picture(String name) throws Exception {
    return Path.of(DenseNetTest.class.getResource("/pictures/" + name).toURI());
  }

  private static Model model() {
    DenseNetConfig config = DenseNetConfig.cifar(22, 6, true).withClasses(4);
    return new Model(
        config,
        Weights.initialise(config, 5),
        List.of("crack", "dent", "scratch", "good"),
        InputTransform.named("cifar10", 3, 32, 32));
  }

  private DenseNet loaded() throws Exception {
    Path file = folder.resolve("model.safetensors");
    ModelFile.save(file, model());
    return DenseNet.load(file);
  }

  @Test
  void theSameAnswerFromEverySource() throws Exception {
    DenseNet net = loaded();
    Path file = picture("rgb.png");
    Classification expected = net.classify(file);
    assertThat(expected.predictions()).hasSize(4);
    assertThat(expected.predictions().stream().mapToDouble(Prediction::probability).sum())
        .isCloseTo(1, Offset.offset(1e-9));
    assertThat(expected.best().probability())
        .isGreaterThanOrEqualTo(expected.top(2).get(1).probability());
    assertThat(List.of("crack", "dent", "scratch", "good")).contains(expected.best().label());
    assertThat(expected.present()).containsExactly(expected.best());
    try (InputStream in = new ByteArrayInputStream(Files.readAllBytes(file))) {
      assertThat(net.classify(in).logits()).containsExactly(expected.logits());
    }
    assertThat(net.classify(ImageIO.read(file.toFile())).logits())
        .containsExactly(expected.logits());
    List<Picture> many = new ArrayList<>(Collections.nCopies(19, Picture.read(file)));
    many.set(7, Picture.read(picture("gray.png")));
    List<Classification> all = net.classify(many);
    assertThat(all).hasSize(19);
    assertThat(all.get(18).best().index()).isEqualTo(expected.best().index());
    // a batch is computed in tiles with other borders: the same to a few roundings
    assertThat(all.get(18).logits()).containsExactly(expected.logits(), Offset.offset(1e-5f));
    assertThat(all.get(7).logits()[0]).isNotEqualTo(expected.logits()[0]);
  }

  @Test
  void severalLabelsAtOnce() throws Exception {
    Model several = model().withOutput(OutputTransform.sigmoid(List.of(0.01, 0.99, 0.01, 0.99)));
    try (Engine.Resources engine = Engine.open(1)) {
      Classification found = new DenseNet(several, engine.engine()).classify(picture("rgb.png"));
      assertThat(found.present()).extracting(Prediction::label).containsOnly("crack", "scratch");
      double p = 1 / (1 + Math.exp(-found.logits()[2]));
      assertThat(found.predictions())
          .filteredOn(prediction -> prediction.index() == 2)
          .singleElement()
          .extracting(Prediction::probability)
          .isEqualTo(p);
    }
  }

  @Test
  void embeddingsAndFeatureMaps() throws Exception {
    DenseNet net = loaded();
    Picture picture = Picture.read(picture("rgb.png"));
    float[] embedding = net.embedding(picture);
    assertThat(embedding).hasSize(net.config().features());
    // the classifier on top of it gives the logits
    Weights weights = net.weights();
    int at = weights.layout().slot("classifier.weight").at();
    int bias = weights.layout().slot("classifier.bias").at();
    float[] logits = net.classify(picture).logits();
    for (int c = 0; c < 4; c++) {
      double sum = weights.parameters()[bias + c];
      for (int i = 0; i < embedding.length; i++) {
        sum += (double) embedding[i] * weights.parameters()[at + c * embedding.length + i];
      }
      assertThat((double) logits[c]).isCloseTo(sum, Offset.offset(1e-5));
    }
    FeatureMaps maps = net.featureMaps(picture, "features.denseblock2");
    assertThat(maps.channels()).isEqualTo(net.config().blockInputs().get(1) + 3 * 6);
    assertThat(maps.height()).isEqualTo(16);
    assertThat(maps.values()).hasSize(maps.channels() * 256);
    assertThat(maps.at(1, 2, 3)).isEqualTo(maps.values()[256 + 35]);
    assertThatThrownBy(() -> net.featureMaps(picture, "layer4"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer4");
    assertThat(net.featureMaps(picture, "features.denseblock2").values())
        .containsExactly(maps.values());
  }

  @Test
  void picturesThatGoThroughInTurnsHaveTheBitsOfOneTurn() {
    DenseNetConfig config = DenseNetConfig.cifar(10, 6, true).withClasses(4);
    DenseNet net = new DenseNet(config, Weights.initialise(config, 5), Engine.create(2));
    int side = 448;
    int n = 2 * DenseNet.chunk(side, side) + 2;
    int floats = 3 * side * side;
    float[] images = new float[n * floats];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) Randomness.gaussian(7, i);
    }
    float[] all = new float[4 * n];
    net.logits(images, n, side, side, all);
    float[] last = new float[4 * 2];
    float[] lastImages = Arrays.copyOfRange(images, (n - 2) * floats, images.length);
    net.logits(lastImages, 2, side, side, last);
    assertThat(Arrays.copyOfRange(all, 4 * (n - 2), all.length)).containsExactly(last);
  }

  @Test
  void manyThreadsShareOneModel() throws Exception {
    DenseNet net = loaded();
    List<Picture> pictures =
        List.of(Picture.read(picture("rgb.png")), Picture.read(picture("gray.png")));
    List<float[]> expected =
        pictures.stream().map(picture -> net.classify(picture).logits()).toList();
    List<float[]> embeddings = pictures.stream().map(net::embedding).toList();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int t = 0; t < 64; t++) {
        int i = t % 2;
        boolean embed = t % 3 == 0;
        tasks.add(
            () -> {
              if (embed) {
                assertThat(net.embedding(pictures.get(i))).containsExactly(embeddings.get(i));
              } else {
                assertThat(net.classify(pictures.get(i)).logits()).containsExactly(expected.get(i));
              }
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
    }
  }
}
