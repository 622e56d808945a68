"""Tiny DenseNets with the layers, names and files of keras.applications.densenet; random weights.

Writes tiny.h5 (whole model, legacy), tiny_weights_old.h5 (the layout and the names of the published
files), tiny.weights.h5, tiny.keras, and tiny_keras_golden.safetensors (input NCHW and logits).
Needs keras 3 with the torch backend, h5py, safetensors: KERAS_BACKEND=torch python make_keras.py
"""
import sys
import h5py
import keras
import numpy as np
from keras import layers
from safetensors.numpy import save_file

EPS = 1.001e-5
GROWTH, BLOCKS, INIT, CLASSES, SIZE = 4, (2, 1, 2, 1), 8, 5, 40


def conv_block(x, name):
    y = layers.BatchNormalization(epsilon=EPS, name=name + "_0_bn")(x)
    y = layers.Activation("relu", name=name + "_0_relu")(y)
    y = layers.Conv2D(4 * GROWTH, 1, use_bias=False, name=name + "_1_conv")(y)
    y = layers.BatchNormalization(epsilon=EPS, name=name + "_1_bn")(y)
    y = layers.Activation("relu", name=name + "_1_relu")(y)
    y = layers.Conv2D(GROWTH, 3, padding="same", use_bias=False, name=name + "_2_conv")(y)
    return layers.Concatenate(name=name + "_concat")([x, y])


def densenet(softmax):
    inputs = layers.Input((SIZE, SIZE, 3))
    x = layers.ZeroPadding2D(3)(inputs)
    x = layers.Conv2D(INIT, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = layers.BatchNormalization(epsilon=EPS, name="conv1_bn")(x)
    x = layers.Activation("relu", name="conv1_relu")(x)
    x = layers.ZeroPadding2D(1)(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    for b, n in enumerate(BLOCKS):
        for i in range(n):
            x = conv_block(x, f"conv{b + 2}_block{i + 1}")
        if b < len(BLOCKS) - 1:
            x = layers.BatchNormalization(epsilon=EPS, name=f"pool{b + 2}_bn")(x)
            x = layers.Activation("relu", name=f"pool{b + 2}_relu")(x)
            x = layers.Conv2D(x.shape[-1] // 2, 1, use_bias=False, name=f"pool{b + 2}_conv")(x)
            x = layers.AveragePooling2D(2, strides=2, name=f"pool{b + 2}_pool")(x)
    x = layers.BatchNormalization(epsilon=EPS, name="bn")(x)
    x = layers.Activation("relu", name="relu")(x)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    outputs = layers.Dense(CLASSES, activation="softmax" if softmax else None, name="predictions")(x)
    return keras.Model(inputs, outputs, name="densenet121")


rng = np.random.default_rng(5)
keras.utils.set_random_seed(5)
model = densenet(True)
for layer in model.layers:
    weights = layer.get_weights()
    if len(weights) == 4:
        c = weights[0].shape
        layer.set_weights([rng.uniform(0.5, 1.5, c), rng.normal(0, 0.3, c), rng.normal(0, 0.3, c), rng.uniform(0.5, 2, c)])
    elif layer.name == "predictions":
        layer.set_weights([rng.normal(0, 1, weights[0].shape), rng.normal(0, 0.5, weights[1].shape)])
bare = densenet(False)
bare.set_weights(model.get_weights())
x = rng.normal(0, 1, (2, 3, SIZE, SIZE)).astype(np.float32)
save_file({"input": x, "logits": np.asarray(bare(x.transpose(0, 2, 3, 1)).detach())}, "tiny_keras_golden.safetensors")
model.save("tiny.h5")
model.save("tiny.keras")
model.save_weights("tiny.weights.h5")
# the published files: groups and weight names with slashes, e.g. conv1/conv/conv1/conv/kernel:0
with h5py.File("tiny_weights_old.h5", "w") as out:
    for layer in model.layers:
        name = layer.name.replace("conv1_", "conv1/") if layer.name in ("conv1_conv", "conv1_bn") else layer.name
        name = "fc1000" if name == "predictions" else name
        group = out.require_group(name)
        leaves = {1: ["kernel"], 2: ["kernel", "bias"], 4: ["gamma", "beta", "moving_mean", "moving_variance"]}
        for leaf, value in zip(leaves.get(len(layer.weights), []), layer.get_weights()):
            group.create_dataset(f"{name}/{leaf}:0", data=value)
def show(f):
    h5py.File(f).visititems(lambda n, o: print(n, getattr(o, "shape", "")))
for f in sys.argv[1:]:
    print("==", f); show(f)
