package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every network that has a published count. */
class DenseNetConfigTest {
  @ParameterizedTest
  @CsvSource({
    "densenet121, 1000, 7978856, 2834161664",
    "densenet169, 1000, 14149480, 3359843328",
    "densenet201, 1000, 20013928, 4291365888",
    "densenet161, 1000, 28681000, 7727907072",
    "densenet264, 1000, 33337704, 5751653376",
    "densenet264-k48, 1000, 72686632, 12850693632",
    "d2l, 10, 758226, 129077168",
    "cifar-40-12, 10, 1019722, 264812928",
    "cifar-100-12, 10, 6979642, 1769516448",
    "cifar-100-24, 10, 27249082, 6889347744",
    "cifar-bc-100-12, 10, 769162, 287929692",
    "cifar-bc-250-24, 10, 15324406, 5418785724",
    "cifar-bc-190-40, 10, 25624430, 9301945740",
  })
  void countsArePublishedOnes(String name, int classes, long parameters, long macs) {
    DenseNetConfig config = DenseNetConfig.named(name);
    assertThat(config.classes()).isEqualTo(classes);
    Summary summary = Summary.of(config, config.usualSize(), config.usualSize());
    assertThat(summary.parameters()).isEqualTo(parameters);
    assertThat(summary.macs()).isEqualTo(macs);
    assertThat(summary.parts().stream().mapToLong(Summary.Part::parameters).sum())
        .isEqualTo(parameters);
  }

  @ParameterizedTest
  @CsvSource({
    "densenet121, 7005106",
    "densenet169, 12567730",
    "densenet201, 18188978",
    "densenet161, 26582450"
  })
  void countsWithFiftyClasses(String name, long parameters) {
    assertThat(Layout.of(DenseNetConfig.named(name).withClasses(50)).parameters())
        .isEqualTo((int) parameters);
  }

  @Test
  void anInvalidValueIsNamedWithItsRule() {
    assertThatThrownBy(() -> DenseNetConfig.cifar(41, 12, false))
        .hasMessageContaining("depth is 41")
        .hasMessageContaining("3n+4");
    assertThatThrownBy(() -> DenseNetConfig.cifar(101, 12, true))
        .hasMessageContaining("depth is 101")
        .hasMessageContaining("6n+4");
    assertThatThrownBy(() -> DenseNetConfig.d2l().withDropRate(1))
        .hasMessageContaining("dropRate is 1.0")
        .hasMessageContaining("[0, 1)");
    assertThatThrownBy(() -> DenseNetConfig.d2l().withClasses(0))
        .hasMessageContaining("classes is 0")
        .hasMessageContaining("at least 1");
    assertThatThrownBy(() -> DenseNetConfig.named("densenet122"))
        .hasMessageContaining("densenet122")
        .hasMessageContaining("densenet121");
    assertThatThrownBy(
            () ->
                new DenseNetConfig(
                    12,
                    List.of(3, 0),
                    24,
                    4,
                    0.5,
                    StemType.CIFAR,
                    false,
                    3,
                    10,
                    0,
                    1e-5,
                    0.1,
                    Initialisation.KAIMING))
        .hasMessageContaining("blocks is [3, 0]");
  }

  @Test
  void kaimingWeightsHaveTheRightSpread() {
    Weights weights = Weights.initialise(DenseNetConfig.densenet121(), 7);
    Layout.Slot slot = weights.layout().slot("features.denseblock3.denselayer10.conv1.weight");
    double square = 0;
    for (int i = 0; i < slot.size(); i++) {
      square += Math.pow(weights.parameters()[slot.at() + i], 2);
    }
    double fanIn = slot.size() / 128.0;
    assertThat(square / slot.size() * fanIn / 2).isBetween(0.97, 1.03);
    Layout.Slot gamma = weights.layout().slot("features.norm5.weight");
    assertThat(weights.parameters()[gamma.at()]).isEqualTo(1);
  }
}
