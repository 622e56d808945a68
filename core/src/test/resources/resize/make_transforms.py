"""What Pillow, and torchvision's and timm's pipelines on top of it, make of a picture: transforms_golden.safetensors.

Needs Pillow, numpy, torch, torchvision, safetensors:  python make_transforms.py
"""
import os

import numpy as np
import torch
from PIL import Image

torch.library.register_fake = lambda *a, **k: lambda f: f  # a torchvision without native operators will do
from safetensors.numpy import save_file  # noqa: E402
from torchvision import transforms as T  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(9)
golden = {}
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
for h, w in ((61, 83), (83, 61), (20, 45), (1, 1), (31, 200)):
    x = rng.integers(0, 256, (h, w, 3), dtype=np.uint8)
    image = Image.fromarray(x)
    name = f"{h}x{w}"
    golden[name] = x.transpose(2, 0, 1).copy()
    normal = [T.CenterCrop(28), T.ToTensor(), T.Normalize(MEAN, STD)]
    golden[name + ".imagenet"] = T.Compose([T.Resize(32), *normal])(image).numpy()
    golden[name + ".timm-bicubic"] = T.Compose([T.Resize(32, T.InterpolationMode.BICUBIC), *normal])(image).numpy()
    crops = T.TenCrop(28)(T.Resize(32)(image))
    if h in (83, 20):
        golden[name + ".tencrop"] = np.stack([T.Normalize(MEAN, STD)(T.ToTensor()(c)).numpy() for c in crops])
    for oh, ow in ((29, 31), (96, 97), (1, 1), (h, 5), (5, w), (3, 150)):
        y = image.resize((ow, oh), Image.BICUBIC)
        golden[f"{name}.bicubic.{oh}x{ow}"] = np.asarray(y).transpose(2, 0, 1).copy()
save_file(golden, os.path.join(HERE, "transforms_golden.safetensors"))
