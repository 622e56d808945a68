#!/usr/bin/env python3
"""Classifies one picture with ONNX Runtime: a whole process, for the time from nothing to the answer.

  onnx_predict.py MODEL.onnx FILE.jpg [THREADS]
"""
import sys
import numpy, onnxruntime, PIL.Image

model, file = sys.argv[1:3]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(sys.argv[3]) if len(sys.argv) > 3 else 2
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
picture = PIL.Image.open(file).convert("RGB")
scale = 256 / min(picture.size)
picture = picture.resize([round(scale * side) for side in picture.size], PIL.Image.Resampling.BILINEAR)
left, top = (picture.width - 224) // 2, (picture.height - 224) // 2
x = numpy.asarray(picture.crop((left, top, left + 224, top + 224)), numpy.float32) / 255
x = ((x - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]).astype(numpy.float32).transpose(2, 0, 1)[None]
logits = session.run(None, {session.get_inputs()[0].name: x})[0][0]
p = numpy.exp(logits - logits.max())
p /= p.sum()
print(*(f"{index} {p[index]:.4f}" for index in p.argsort()[::-1][:5]))
