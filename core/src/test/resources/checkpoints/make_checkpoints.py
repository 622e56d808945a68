"""Tiny DenseNets saved in every way that PyTorch's people save them; random weights, seed 7.

Writes the .pt files beside this script, and torch_golden.safetensors: an input and the logits of each network.
Run with torch 2.13, torchvision, numpy, safetensors, onnx:  python make_checkpoints.py
"""
import collections
import os
import sys
import types

import torch
from safetensors.torch import save_file
from torch import nn

torch.library.register_fake = lambda *a, **k: lambda f: f  # a torchvision without native operators will do
from torchvision.models.densenet import DenseNet  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(7)
golden = {}


def path(name):
    return os.path.join(HERE, name)


def randomise(net):
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.normal_(m.bias, 0, 0.3)
            nn.init.normal_(m.running_mean, 0, 0.3)
            nn.init.uniform_(m.running_var, 0.5, 2)
            m.num_batches_tracked.fill_(11)
    return net.eval()


def imagenet(classes=5):
    return randomise(DenseNet(growth_rate=4, block_config=(2, 1), num_init_features=6, bn_size=2, num_classes=classes))


# --- the CIFAR family of A. Veit's names, plain and BC
class Basic(nn.Module):
    def __init__(self, c, k):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(c), nn.Conv2d(c, k, 3, 1, 1, bias=False)

    def forward(self, x):
        return torch.cat([x, self.conv1(torch.relu(self.bn1(x)))], 1)


class Bottleneck(nn.Module):
    def __init__(self, c, k):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(c), nn.Conv2d(c, 4 * k, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(4 * k), nn.Conv2d(4 * k, k, 3, 1, 1, bias=False)

    def forward(self, x):
        return torch.cat([x, self.conv2(torch.relu(self.bn2(self.conv1(torch.relu(self.bn1(x))))))], 1)


class Block(nn.Module):
    def __init__(self, kind, c, k, n):
        super().__init__()
        self.layer = nn.Sequential(*[kind(c + i * k, k) for i in range(n)])

    def forward(self, x):
        return self.layer(x)


class Trans(nn.Module):
    def __init__(self, c, out):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(c), nn.Conv2d(c, out, 1, bias=False)

    def forward(self, x):
        return nn.functional.avg_pool2d(self.conv1(torch.relu(self.bn1(x))), 2)


class Cifar(nn.Module):
    def __init__(self, kind, k, n, init, theta):
        super().__init__()
        self.conv1 = nn.Conv2d(3, init, 3, 1, 1, bias=False)
        c = init
        for b in (1, 2, 3):
            setattr(self, f"block{b}", Block(kind, c, k, n))
            c += n * k
            if b < 3:
                setattr(self, f"trans{b}", Trans(c, int(c * theta)))
                c = int(c * theta)
        self.bn1, self.fc = nn.BatchNorm2d(c), nn.Linear(c, 4)

    def forward(self, x):
        x = self.trans1(self.block1(self.conv1(x)))
        x = self.block3(self.trans2(self.block2(x)))
        return self.fc(torch.relu(self.bn1(x)).mean((2, 3)))


class D2l(nn.Module):
    """Dive into Deep Learning's network, small, under torchvision's names."""

    def __init__(self):
        super().__init__()
        self.features = nn.Module()
        f = self.features
        f.conv0, f.norm0 = nn.Conv2d(1, 6, 7, 2, 3), nn.BatchNorm2d(6)
        c = 6
        for b in (1, 2):
            block = nn.Module()
            for i in (1, 2):
                layer = nn.Module()
                layer.norm1, layer.conv1 = nn.BatchNorm2d(c), nn.Conv2d(c, 4, 3, 1, 1)
                setattr(block, f"denselayer{i}", layer)
                c += 4
            setattr(f, f"denseblock{b}", block)
            if b == 1:
                f.transition1 = nn.Module()
                f.transition1.norm, f.transition1.conv = nn.BatchNorm2d(c), nn.Conv2d(c, c // 2, 1)
                c //= 2
        f.norm5, self.classifier = nn.BatchNorm2d(c), nn.Linear(c, 3)

    def forward(self, x):
        f = self.features
        x = nn.functional.max_pool2d(torch.relu(f.norm0(f.conv0(x))), 3, 2, 1)
        for b in (1, 2):
            for i in (1, 2):
                layer = getattr(getattr(f, f"denseblock{b}"), f"denselayer{i}")
                x = torch.cat([x, layer.conv1(torch.relu(layer.norm1(x)))], 1)
            if b == 1:
                x = nn.functional.avg_pool2d(f.transition1.conv(torch.relu(f.transition1.norm(x))), 2)
        return self.classifier(torch.relu(f.norm5(x)).mean((2, 3)))


def record(name, net, *shape):
    x = torch.randn(shape)
    with torch.no_grad():
        golden[name + ".input"], golden[name + ".logits"] = x, net(x).clone()


net = imagenet()
record("imagenet", net, 2, 3, 33, 41)
state = net.state_dict()
torch.save(state, path("state_dict.pt"))
torch.save(state, path("legacy.pt"), _use_new_zipfile_serialization=False)
torch.save(state, path("protocol4.pt"), pickle_protocol=4)
torch.save(net, path("module.pt"))
torch.save(net, path("module_legacy.pt"), _use_new_zipfile_serialization=False)
torch.jit.save(torch.jit.script(net), path("torchscript.pt"))


def old_name(key):
    for part in ("norm", "conv"):
        for i in "12":
            if "denselayer" in key:
                key = key.replace(f"{part}{i}.", f"{part}.{i}.")
    return key


torch.save(
    collections.OrderedDict((old_name(k), v) for k, v in state.items() if "num_batches" not in k),
    path("old_names.pt"),
    _use_new_zipfile_serialization=False,
)
torch.save(
    {
        "epoch": 3,
        "best": 0.5,
        "optimizer": torch.optim.SGD(net.parameters(), 0.1, momentum=0.9).state_dict(),
        "model": {"module._orig_mod." + k: v for k, v in state.items()},
        "class_names": ["a", "b", "c", "d", "e"],
    },
    path("wrapped.pt"),
)
averaged = {k: v.clone() for k, v in state.items()}
torch.save({"state_dict": {k: v * 0 for k, v in state.items()}, "state_dict_ema": averaged}, path("ema.pt"))
chexnet = {}
for k, v in state.items():
    chexnet["module.densenet121." + k.replace("classifier.", "classifier.0.")] = v
torch.save({"state_dict": chexnet}, path("chexnet.pt"))
torch.save({k.replace(".norm", ".layers.norm").replace(".conv", ".layers.conv") if "denselayer" in k else k.replace("classifier", "class_layers.out"): v for k, v in state.items()}, path("monai.pt"))
torch.save({k.replace("norm5", "norm_final"): v for k, v in state.items()}, path("gpleiss.pt"))
torch.save(nn.DataParallel(net), path("data_parallel.pt"))
# views: one shared storage, a transposed classifier, a strided normalisation
flat = torch.cat([v.flatten() for v in state.values() if v.is_floating_point()])
views, at = collections.OrderedDict(), 0
for k, v in state.items():
    if v.is_floating_point():
        views[k] = flat[at : at + v.numel()].view(v.shape)
        at += v.numel()
    else:
        views[k] = v
views["classifier.weight"] = state["classifier.weight"].t().contiguous().t()
wide = torch.zeros(state["features.norm0.weight"].numel(), 3)
wide[:, 1] = state["features.norm0.weight"]
views["features.norm0.weight"] = wide[:, 1]
views["features.conv0.weight"] = state["features.conv0.weight"].to(memory_format=torch.channels_last)
torch.save(views, path("views.pt"))
torch.save(views, path("views_legacy.pt"), _use_new_zipfile_serialization=False)
for name, kind in (("half", torch.float16), ("bfloat16", torch.bfloat16), ("double", torch.float64)):
    cast = imagenet()
    cast.load_state_dict({k: v.to(kind).float() if v.is_floating_point() else v for k, v in state.items()})
    torch.save({k: v.to(kind) if v.is_floating_point() else v for k, v in state.items()}, path(name + ".pt"))
    with torch.no_grad():
        golden[name + ".logits"] = cast.eval()(golden["imagenet.input"]).clone()

# TorchXRayVision saves whole modules, with thresholds and the names of the findings beside
xray = imagenet()
xray.features.conv0 = nn.Conv2d(1, 6, 7, 2, 3, bias=False)
xray.pathologies = ["Atelectasis", "Cardiomegaly", "Edema", "Mass", ""]
xray.op_threshs = torch.tensor([0.1, 0.2, 0.3, 0.4, float("nan")])
record("xray", xray, 1, 1, 33, 33)
torch.save(xray, path("xray.pt"))

for name, net in (("cifar_plain", Cifar(Basic, 3, 2, 16, 1)), ("cifar_bc", Cifar(Bottleneck, 3, 1, 6, 0.5))):
    randomise(net)
    record(name, net, 2, 3, 16, 16)
    torch.save({"epoch": 1, "state_dict": net.state_dict()}, path(name + ".pt"))
    torch.onnx.export(net, golden[name + ".input"], path(name + ".onnx"), dynamo=False)

net = imagenet()
record("onnx", net, 1, 3, 33, 41)
torch.onnx.export(net, golden["onnx.input"], path("imagenet_merged.onnx"), dynamo=False)
torch.onnx.export(
    net, golden["onnx.input"], path("imagenet.onnx"), dynamo=False, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False
)
d2l = randomise(D2l())
record("d2l", d2l, 2, 1, 40, 40)
torch.onnx.export(d2l, golden["d2l.input"], path("d2l.onnx"), dynamo=False)
import onnx  # noqa: E402

onnx.save_model(
    onnx.load(path("d2l.onnx")),
    path("d2l_external.onnx"),
    save_as_external_data=True,
    location="d2l_external.data",
    size_threshold=64,
)
save_file({k: v.contiguous() for k, v in golden.items()}, path("torch_golden.safetensors"))
