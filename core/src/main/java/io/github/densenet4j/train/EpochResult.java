package io.github.densenet4j.train;

import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What an epoch brought: a line of {@code history.csv}.
 *
 * @param epoch from 1
 * @param learningRate of its last step
 * @param trainLoss mean over the epoch, while the weights changed
 * @param trainTop1 fraction over the epoch, while the weights changed
 * @param validation on the validation pictures, behind the epoch
 * @param imagesPerSecond training pictures a second
 * @param dataWait seconds that training waited for pictures
 * @param seconds of the epoch with its validation
 */
public record EpochResult(
    int epoch,
    double learningRate,
    double trainLoss,
    double trainTop1,
    Evaluation validation,
    double imagesPerSecond,
    double dataWait,
    double seconds) {
  /** The names of the columns. */
  public static final String HEADER =
      "epoch,lr,train_loss,train_top1,val_loss,val_top1,val_top5,images_per_s,data_wait_s,seconds";

  /** The columns. */
  public String csv() {
    return String.format(
        Locale.ROOT,
        "%d,%.6g,%.6f,%.6f,%.6f,%.6f,%.6f,%.1f,%.2f,%.1f",
        epoch,
        learningRate,
        trainLoss,
        trainTop1,
        validation.loss(),
        validation.top1(),
        validation.top5(),
        imagesPerSecond,
        dataWait,
        seconds);
  }

  /** Every value to its last bit. */
  String exact() {
    return String.join(
        ",",
        Stream.of(
                epoch,
                learningRate,
                trainLoss,
                trainTop1,
                validation.top1(),
                validation.top5(),
                validation.loss(),
                validation.images(),
                validation.imagesPerSecond(),
                imagesPerSecond,
                dataWait,
                seconds)
            .map(String::valueOf)
            .toList());
  }

  /** From {@link #exact()}. */
  static EpochResult ofExact(String text) {
    Iterator<String> in = List.of(text.split(",")).iterator();
    return new EpochResult(
        Integer.parseInt(in.next()),
        Double.parseDouble(in.next()),
        Double.parseDouble(in.next()),
        Double.parseDouble(in.next()),
        new Evaluation(
            Double.parseDouble(in.next()),
            Double.parseDouble(in.next()),
            Double.parseDouble(in.next()),
            Integer.parseInt(in.next()),
            Double.parseDouble(in.next())),
        Double.parseDouble(in.next()),
        Double.parseDouble(in.next()),
        Double.parseDouble(in.next()));
  }
}
