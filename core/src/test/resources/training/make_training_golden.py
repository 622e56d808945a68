"""Values of PyTorch and Pillow for optimisers, schedules, losses and colour operations: training_golden.safetensors.

Run: python make_training_golden.py  (torch, numpy, pillow)
"""
import json
import struct

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageEnhance, ImageOps

out = {}


def put(name, value):
    out[name] = np.ascontiguousarray(np.asarray(value, dtype=np.float32))


torch.manual_seed(5)
P, STEPS = 37, 6
start = torch.randn(P)
grads = torch.randn(STEPS, P)
rates = [0.1, 0.08, 0.05, 0.2, 0.01, 0.03]
put("start", start)
put("gradients", grads)
put("rates", rates)


def run(make, clip=0.0, ema=0.0):
    """The parameters behind each step; the first 20 in a group that does not decay where make says so."""
    w = torch.nn.Parameter(start.clone())
    optimiser = make(w)
    average = None
    rows = []
    for g, lr in zip(grads, rates):
        w.grad = g.clone()
        if clip:
            torch.nn.utils.clip_grad_norm_([w], clip)
        for group in optimiser.param_groups:
            group["lr"] = lr
        optimiser.step()
        if ema:
            average = w.detach().clone() if average is None else average * ema + w.detach() * (1 - ema)
            rows.append(average.clone())
        else:
            rows.append(w.detach().clone())
    return torch.stack(rows)


put("sgd", run(lambda w: torch.optim.SGD([w], lr=0.1, momentum=0.9, weight_decay=1e-2)))
put("nesterov", run(lambda w: torch.optim.SGD([w], lr=0.1, momentum=0.9, weight_decay=1e-2, nesterov=True)))
put("adamw", run(lambda w: torch.optim.AdamW([w], lr=0.1, betas=(0.9, 0.99), weight_decay=0.05)))
put("clipped", run(lambda w: torch.optim.SGD([w], lr=0.1), clip=1.5))
put("average", run(lambda w: torch.optim.SGD([w], lr=0.1), ema=0.7))


def two_groups():
    """20 parameters at a tenth of the rate without decay, the others as they are."""
    a, b = torch.nn.Parameter(start[:20].clone()), torch.nn.Parameter(start[20:].clone())
    optimiser = torch.optim.SGD(
        [{"params": [a], "weight_decay": 0.0}, {"params": [b], "weight_decay": 1e-2}], lr=0.1, momentum=0.9, nesterov=True)
    rows = []
    for g, lr in zip(grads, rates):
        a.grad, b.grad = g[:20].clone(), g[20:].clone()
        optimiser.param_groups[0]["lr"] = lr / 10
        optimiser.param_groups[1]["lr"] = lr
        optimiser.step()
        rows.append(torch.cat([a.detach(), b.detach()]))
    return torch.stack(rows)


put("groups", two_groups())

# ---- schedules: the factor of every step of 12 epochs of 5 steps

EPOCHS, PER_EPOCH = 12, 5
TOTAL = EPOCHS * PER_EPOCH


def schedule(make, per_epoch=False, losses=None):
    w = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([w], lr=1.0)
    s = make(optimiser)
    rows = []
    for epoch in range(EPOCHS):
        for _ in range(PER_EPOCH):
            rows.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            if not per_epoch:
                s.step()
        if per_epoch:
            s.step(*([losses[epoch]] if losses is not None else []))
    return rows


L = torch.optim.lr_scheduler
put("schedule.step:5:0.3", schedule(lambda o: L.StepLR(o, 5, 0.3), per_epoch=True))
put("schedule.step", schedule(lambda o: L.MultiStepLR(o, [6, 9]), per_epoch=True))
put("schedule.multi-step:3:7", schedule(lambda o: L.MultiStepLR(o, [3, 7]), per_epoch=True))
put("schedule.cosine", schedule(lambda o: L.CosineAnnealingLR(o, TOTAL)))
put("schedule.one-cycle", schedule(lambda o: L.OneCycleLR(o, 1.0, total_steps=TOTAL, cycle_momentum=False)))
put("schedule.one-cycle:0.25:10:100",
    schedule(lambda o: L.OneCycleLR(o, 1.0, total_steps=TOTAL, pct_start=0.25, div_factor=10, final_div_factor=100, cycle_momentum=False)))
losses = [3, 2, 2.1, 2.2, 1.9999, 2.3, 1.5, 1.6, 1.7, 1.8, 1.9, 1.0]
put("plateau.losses", losses)
put("schedule.plateau:0.5:2", schedule(lambda o: L.ReduceLROnPlateau(o, factor=0.5, patience=2), per_epoch=True, losses=losses))
put("warm",
    schedule(lambda o: L.SequentialLR(
        o, [L.LinearLR(o, 0.01, total_iters=2 * PER_EPOCH), L.CosineAnnealingLR(o, TOTAL - 2 * PER_EPOCH)], [2 * PER_EPOCH])))

# ---- losses: value and gradient

N, C = 7, 5
logits = (3 * torch.randn(N, C)).requires_grad_()
labels = torch.randint(0, C, (N,))
mixed = torch.rand(N, C)
mixed = mixed / mixed.sum(1, keepdim=True)
several = (torch.rand(N, C) < 0.4).float()
weights = torch.rand(C) + 0.5
put("logits", logits.detach())
put("labels", labels)
put("mixed", mixed)
put("several", several)
put("weights", weights)


def focal(gamma):
    log = F.log_softmax(logits, 1).gather(1, labels[:, None])[:, 0]
    return (-(1 - log.exp()) ** gamma * log).mean()


for name, loss in {
    "cross_entropy": F.cross_entropy(logits, labels),
    "smoothed": F.cross_entropy(logits, labels, label_smoothing=0.1),
    "weighted": F.cross_entropy(logits, labels, weight=weights),
    "weighted_smoothed": F.cross_entropy(logits, labels, weight=weights, label_smoothing=0.2),
    "mixed_targets": F.cross_entropy(logits, mixed, label_smoothing=0.1),
    "focal": focal(2.0),
    "focal_half": focal(0.5),
    "binary": F.binary_cross_entropy_with_logits(logits, several),
    "binary_weighted": F.binary_cross_entropy_with_logits(logits, several, pos_weight=weights),
}.items():
    put(f"loss.{name}", [loss.item()])
    put(f"gradient.{name}", torch.autograd.grad(loss, logits)[0])

# ---- Pillow's colour and affine operations on a picture of 11 x 13

rng = np.random.default_rng(3)
base = rng.integers(30, 220, (11, 13, 3), dtype=np.uint8)
picture = Image.fromarray(base)


def planes(image):
    return np.asarray(image).transpose(2, 0, 1)


put("picture", planes(picture))
for name, image in {
    "brightness:0.6": ImageEnhance.Brightness(picture).enhance(0.6),
    "brightness:1.7": ImageEnhance.Brightness(picture).enhance(1.7),
    "contrast:0.3": ImageEnhance.Contrast(picture).enhance(0.3),
    "contrast:1.9": ImageEnhance.Contrast(picture).enhance(1.9),
    "saturation:0.2": ImageEnhance.Color(picture).enhance(0.2),
    "saturation:1.8": ImageEnhance.Color(picture).enhance(1.8),
    "sharpness:0.1": ImageEnhance.Sharpness(picture).enhance(0.1),
    "sharpness:1.9": ImageEnhance.Sharpness(picture).enhance(1.9),
    "posterise:3": ImageOps.posterize(picture, 3),
    "solarise:128": ImageOps.solarize(picture, 128),
    "auto-contrast": ImageOps.autocontrast(picture),
    "equalise": ImageOps.equalize(picture),
    "shear-across:0.3": picture.transform(picture.size, Image.AFFINE, (1, 0.3, 0, 0, 1, 0), Image.NEAREST),
    "shear-down:-0.25": picture.transform(picture.size, Image.AFFINE, (1, 0, 0, -0.25, 1, 0), Image.NEAREST),
    "rotate-nearest:25": picture.rotate(25, Image.NEAREST),
    "rotate:-17": picture.rotate(-17, Image.BILINEAR),
    "move:3:-2": picture.transform(picture.size, Image.AFFINE, (1, 0, 2, 0, 1, -3), Image.NEAREST),
}.items():
    put("op." + name, planes(image))

header, blob = {}, b""
for name, value in out.items():
    data = value.tobytes()
    header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(blob), len(blob) + len(data)]}
    blob += data
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open("training_golden.safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + blob)
