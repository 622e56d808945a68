package io.github.densenet4j.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** Runs in a JVM that was started without the vector module. */
class WithoutVectorModuleTest {
  @Test
  void theScalarKernelsServeAndOneWarningNamesTheFlag() {
    List<LogRecord> records = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord log) {
            records.add(log);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(Kernels.class.getName());
    logger.addHandler(handler);
    try {
      assertThat(Kernels.best()).isInstanceOf(ScalarKernels.class);
      assertThat(Kernels.best()).isInstanceOf(ScalarKernels.class);
    } finally {
      logger.removeHandler(handler);
    }
    assertThat(records).hasSize(1);
    assertThat(records.get(0).getMessage()).contains("--add-modules jdk.incubator.vector");
  }
}
