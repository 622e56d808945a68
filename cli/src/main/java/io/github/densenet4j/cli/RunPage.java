package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.report.Evaluated.Views;
import io.github.densenet4j.report.RunFolder;
import io.github.densenet4j.report.RunReport;
import io.github.densenet4j.weights.LoadOptions;
import io.github.densenet4j.weights.ModelFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;

/**
 * The page that a run leaves in its directory, about its best model.
 *
 * @param directory the run's
 * @param pictures by which the model is judged
 * @param engine that judges
 */
record RunPage(Path directory, JudgedPictures pictures, Engine engine) {
  private Path best() {
    return directory.resolve("best.safetensors");
  }

  /** The command that writes it, too. */
  String command() {
    return "densenet eval --model " + best() + " --report " + directory;
  }

  /**
   * Writes it and says where it is. By now the model is safe, so whatever goes wrong is said and
   * ends nothing.
   */
  void write(PrintWriter log) {
    try {
      DenseNet net = new DenseNet(ModelFile.load(best(), LoadOptions.strict()), engine);
      RunReport.write(
          directory,
          RunFolder.read(directory),
          pictures.judge(net, Views.ONE),
          engine,
          pictures.remark());
      log.println("report: " + directory.resolve(RunReport.PAGE));
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      log.printf(
          "The report could not be written: %s%nThe model is not touched by that. Once more: %s%n",
          Main.message(e), command());
    }
    log.flush();
  }
}
