"""Prints as JSON what TensorBoard's own reader finds in a directory: scalars, histograms, images."""

import json
import sys

from tensorboard.backend.event_processing import event_accumulator as ea

run = ea.EventAccumulator(sys.argv[1], size_guidance={ea.IMAGES: 0, ea.HISTOGRAMS: 0, ea.SCALARS: 0})
run.Reload()
tags = run.Tags()
found = {"scalars": {}, "histograms": {}, "images": {}}
for tag in tags["scalars"]:
    found["scalars"][tag] = [[e.step, e.value] for e in run.Scalars(tag)]
for tag in tags["histograms"]:
    h = run.Histograms(tag)[-1].histogram_value
    found["histograms"][tag] = {"min": h.min, "max": h.max, "num": h.num, "sum": h.sum, "squares": h.sum_squares,
                                "buckets": list(h.bucket), "limits": list(h.bucket_limit),
                                "steps": [e.step for e in run.Histograms(tag)]}
for tag in tags["images"]:
    found["images"][tag] = [[i.step, i.width, i.height, i.encoded_image_string[:8].hex()] for i in run.Images(tag)]
print(json.dumps(found))
