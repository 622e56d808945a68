"""Values of torchvision's TrivialAugmentWide and RandAugment on a Pillow picture: augment_golden.safetensors.

Run: python make_augment_golden.py  (torch, torchvision, numpy, pillow)
"""
import importlib.util
import json
import struct
import sys
import types

import numpy as np
import torch

# torchvision's own __init__ registers compiled operators of detection, which not every build has and nobody needs here
package = types.ModuleType("torchvision")
package.__path__ = list(importlib.util.find_spec("torchvision").submodule_search_locations)
sys.modules["torchvision"] = package

from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms.autoaugment import RandAugment, TrivialAugmentWide, _apply_op

NAMES = {
    "Identity": "IDENTITY", "ShearX": "SHEAR_X", "ShearY": "SHEAR_Y", "TranslateX": "TRANSLATE_X",
    "TranslateY": "TRANSLATE_Y", "Rotate": "ROTATE", "Brightness": "BRIGHTNESS", "Color": "COLOUR",
    "Contrast": "CONTRAST", "Sharpness": "SHARPNESS", "Posterize": "POSTERISE", "Solarize": "SOLARISE",
    "AutoContrast": "AUTO_CONTRAST", "Equalize": "EQUALISE",
}
H, W = 11, 13
out = {}
rng = np.random.default_rng(7)
base = rng.integers(0, 256, (H, W, 3), dtype=np.uint8)
picture = Image.fromarray(base)


def put(name, image):
    out[name] = np.ascontiguousarray(np.asarray(image, dtype=np.uint8).transpose(2, 0, 1))


def one(image, name, space, strength, sign):
    magnitudes, signed = space[name]
    magnitude = float(magnitudes[strength].item()) if magnitudes.ndim > 0 else 0.0
    return _apply_op(image, name, sign * magnitude if signed else magnitude, InterpolationMode.NEAREST, None)


put("picture", picture)
spaces = {"trivial": TrivialAugmentWide()._augmentation_space(31), "rand": RandAugment()._augmentation_space(31, (H, W))}
for policy, space in spaces.items():
    assert list(space) == list(NAMES)
    for name, (magnitudes, signed) in space.items():
        for strength in (range(31) if magnitudes.ndim > 0 else [0]):
            for sign in (1, -1) if signed else (1,):
                if strength % 3 == 0 or not signed:
                    put(f"{policy}.{NAMES[name]}.{strength}.{sign}", one(picture, name, space, strength, sign))
for i in range(40):  # RandAugment as a whole: two operations one behind the other
    first, second = rng.choice(list(NAMES), 2)
    signs = rng.choice([1, -1], 2)
    both = picture
    for name, sign in zip((first, second), signs):
        both = one(both, name, spaces["rand"], 9, int(sign))
    put(f"both.{NAMES[first]}.{signs[0]}.{NAMES[second]}.{signs[1]}", both)

header, blob = {}, b""
for name, value in out.items():
    data = value.tobytes()
    header[name] = {"dtype": "U8", "shape": list(value.shape), "data_offsets": [len(blob), len(blob) + len(data)]}
    blob += data
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open("augment_golden.safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + blob)
