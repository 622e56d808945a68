#!/usr/bin/env python3
"""Writes resize.bin: pictures and what Pillow's bilinear resize makes of them. Needs pillow, numpy. Big-endian ints:
the number of cases, then for each h, w, outH, outW, the source's bytes, the result's bytes."""
import pathlib, struct
import numpy as np
from PIL import Image

CASES = [(28, 28, 96, 96), (96, 96, 28, 28), (45, 37, 29, 31), (1, 1, 7, 5), (7, 1, 3, 9), (50, 40, 22, 17), (28, 28, 28, 56), (13, 9, 40, 9), (3, 200, 2, 3)]
rng = np.random.default_rng(7)
with open(pathlib.Path(__file__).parent / "resize.bin", "wb") as out:
    out.write(struct.pack(">i", len(CASES)))
    for h, w, oh, ow in CASES:
        x = rng.integers(0, 256, (h, w), dtype=np.uint8)
        y = np.asarray(Image.fromarray(x).resize((ow, oh), Image.BILINEAR))
        out.write(struct.pack(">4i", h, w, oh, ow) + x.tobytes() + y.tobytes())
