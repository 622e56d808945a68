package io.github.densenet4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.DenseNetConfig;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class DrawTest {
  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<String> texts(Document svg) {
    List<String> out = new ArrayList<>();
    NodeList nodes = svg.getElementsByTagName("text");
    for (int i = 0; i < nodes.getLength(); i++) {
      out.add(nodes.item(i).getTextContent());
    }
    return out;
  }

  @Test
  void theNetworkIsTheOneOfThePaper() throws Exception {
    Document svg =
        parse(new NetworkDrawing(DenseNetConfig.densenet121(), 224, 224).svg("densenet121"));
    assertThat(texts(svg))
        .contains("3 × 224 × 224", "64 × 56 × 56", "256 × 56 × 56", "128 × 28 × 28")
        .contains("512 × 28 × 28", "1024 × 14 × 14", "512 × 7 × 7", "1024 × 1 × 1", "1000 × 1 × 1")
        .contains("24 layers")
        .anyMatch(text -> text.contains("7,978,856 parameters"));
    assertThat(svg.getElementsByTagName("title").item(0).getTextContent()).isEqualTo("densenet121");
    assertThat(svg.getElementsByTagName("desc").item(0).getTextContent()).contains("denseblock4");
  }

  @Test
  void aBlockGrowsByALayersColour() throws Exception {
    Document svg =
        parse(new NetworkDrawing(DenseNetConfig.named("d2l"), 96, 96).blockSvg("d2l", 1));
    assertThat(texts(svg)).contains("64", "96", "128", "160", "192 channels", "+32");
    NodeList boxes = svg.getElementsByTagName("rect");
    List<String> first = new ArrayList<>();
    for (int i = 0; i < boxes.getLength(); i++) {
      first.add(((Element) boxes.item(i)).getAttribute("fill"));
    }
    // 4 layers: layer l's colour is in the features of 4-l later rows, and once beside its layer
    String colour = "#%06x".formatted(Drawing.hue(0).getRGB() & 0xffffff);
    assertThat(first.stream().filter(colour::equals)).hasSize(5);
  }

  /** Nothing is cut off, whatever the network. */
  @ParameterizedTest
  @ValueSource(
      strings = {"densenet121", "densenet264-k48", "d2l", "cifar-40-12", "cifar-bc-250-24"})
  void everythingLiesInsideThePicture(String arch, @TempDir Path folder) throws Exception {
    DenseNetConfig config = DenseNetConfig.named(arch);
    int last = config.blocks().size();
    List<Path> files =
        new NetworkDrawing(config, config.usualSize(), config.usualSize())
            .write(folder.resolve(arch), arch, last);
    assertThat(files).hasSize(4);
    for (int f = 0; f < files.size(); f += 2) {
      Element root = parse(Files.readString(files.get(f))).getDocumentElement();
      double width = Double.parseDouble(root.getAttribute("width"));
      double height = Double.parseDouble(root.getAttribute("height"));
      NodeList boxes = root.getElementsByTagName("rect");
      for (int i = 0; i < boxes.getLength(); i++) {
        Element box = (Element) boxes.item(i);
        double right = value(box, "x") + value(box, "width");
        assertThat(right).isLessThanOrEqualTo(width);
        assertThat(value(box, "y") + value(box, "height")).isLessThanOrEqualTo(height);
      }
      BufferedImage png = ImageIO.read(files.get(f + 1).toFile());
      assertThat(png.getWidth()).isEqualTo((int) Math.ceil(2 * width));
      assertThat(inkAtTheEdge(png)).as("something is cut off").isZero();
    }
  }

  private static double value(Element element, String name) {
    return Double.parseDouble(element.getAttribute(name));
  }

  private static int inkAtTheEdge(BufferedImage png) {
    int ink = 0;
    for (int y = 30; y < png.getHeight() - 30; y++) {
      for (int x : new int[] {0, 8, png.getWidth() - 9, png.getWidth() - 1}) {
        ink += new Color(png.getRGB(x, y)).equals(Color.WHITE) ? 0 : 1;
      }
    }
    return ink;
  }
}
