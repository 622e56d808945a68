import io.github.densenet4j.*;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.kernel.*;
import io.github.densenet4j.weights.*;
import java.nio.file.*;
import java.util.*;

public class MakeModelV1 {
  public static void main(String[] a) throws Exception {
    DenseNetConfig c =
        new DenseNetConfig(
            4,
            List.of(2, 2),
            8,
            4,
            0.5,
            StemType.CIFAR,
            false,
            1,
            3,
            0.2,
            1e-5,
            0.1,
            Initialisation.KAIMING);
    Weights w = Weights.initialise(c, 7);
    float[] s = w.statistics();
    for (int i = 0; i < s.length; i++) s[i] += (float) (0.3 * Randomness.uniform(3, i));
    w.batchesTracked(42);
    Model m =
        new Model(
            c,
            w,
            List.of("crack", "dent", "good"),
            new InputTransform(12, 10, 14, List.of(0.25), List.of(0.5)));
    ModelFile.save(Path.of(a[0]), m);
    float[] x = new float[120];
    for (int i = 0; i < 120; i++) x[i] = (float) Math.sin(i);
    float[] out = new float[3];
    new DenseNet(c, w, new Engine(new ScalarKernels(), new Team(1))).logits(x, 1, 12, 10, out);
    System.out.println(Arrays.toString(out));
    System.exit(0);
  }
}
