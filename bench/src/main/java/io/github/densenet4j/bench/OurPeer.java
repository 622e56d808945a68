package io.github.densenet4j.bench;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.Pass;
import io.github.densenet4j.PassOptions;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.train.CrossEntropy;
import io.github.densenet4j.train.Sgd;

/** This library. */
final class OurPeer implements Peer {
  /** What is kept for the backward pass. */
  enum Keep {
    /** Everything. */
    ALL,
    /** As little as memory asks for: most bottlenecks are computed again. */
    LITTLE
  }

  /** One run, and what comes out. */
  private interface Run {
    float[] once();
  }

  private final Engine.Resources engine;
  private final String name;
  private final Run run;

  OurPeer(Task task, Keep keep) {
    engine = Engine.open(task.threads());
    DenseNet net = new DenseNet(task.model(), engine.engine());
    name = keep == Keep.ALL ? "densenet4j" : "densenet4j, bottlenecks recomputed";
    run = task.mode() == Mode.INFER ? inference(task, net) : training(task, net, keep);
  }

  private static Run inference(Task task, DenseNet net) {
    float[] images = task.images();
    float[] logits = new float[task.batch() * net.config().classes()];
    return () -> {
      net.logits(images, task.batch(), task.size(), task.size(), logits);
      return logits;
    };
  }

  private static Run training(Task task, DenseNet net, Keep keep) {
    int n = task.batch();
    int classes = net.config().classes();
    float[] images = task.images();
    int[] labels = task.labels();
    float[] dlogits = new float[n * classes];
    float[] loss = new float[1];
    PassOptions options = PassOptions.training(n, task.size(), task.size());
    Pass pass =
        net.pass(keep == Keep.ALL ? options : Pass.sparing(net.config(), options, net.engine()));
    Sgd optimiser = new Sgd(net.weights(), net.engine().team(), 0.9, 1e-4, true);
    return () -> {
      pass.beginStep();
      float[] logits = pass.forward(images, n, null);
      loss[0] = (float) (CrossEntropy.loss(logits, labels, n, classes, n, dlogits) / n);
      pass.backward(dlogits);
      pass.endStep();
      optimiser.step(pass.gradients(), 0.01);
      return loss;
    };
  }

  Engine engine() {
    return engine.engine();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public float[] result() {
    return run.once().clone();
  }

  @Override
  public double step() {
    long start = System.nanoTime();
    run.once();
    return (System.nanoTime() - start) * 1e-6;
  }

  @Override
  public void close() {
    engine.close();
  }
}
