"""Picture files of many kinds, and what Pillow makes of them.

For each file: its RGB and gray pixels (C, H, W) after the EXIF orientation, in pictures_golden.safetensors.
Run with Pillow 12.3, numpy, safetensors:  python make_pictures.py
"""
import io
import os
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageOps
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(3)


def scene(h, w, c=3):
    """Smooth shapes with edges and a little noise: what photographs are like."""
    y, x = np.mgrid[0:h, 0:w]
    planes = [127 + 90 * np.sin(x / (5.0 + i) + i) * np.cos(y / (7.0 - i)) for i in range(c)]
    planes[0][(x - w / 2) ** 2 + (y - h / 2) ** 2 < (min(h, w) / 4) ** 2] = 230
    if c > 1:
        planes[1][y > 0.8 * h] = 20
    out = np.stack(planes, -1) + rng.normal(0, 6, (h, w, c))
    return np.clip(out, 0, 255).astype(np.uint8)


rgb = Image.fromarray(scene(37, 51))
gray = Image.fromarray(scene(37, 51, 1)[:, :, 0])
cmyk = Image.fromarray(scene(29, 35, 4), "CMYK")
made = []


def save(image, name, **options):
    image.save(os.path.join(HERE, name), **options)
    made.append(name)


for sampling, label in ((0, "444"), (1, "422"), (2, "420")):
    save(rgb, f"baseline-{label}.jpg", quality=90, subsampling=sampling)
save(rgb, "progressive-420.jpg", quality=80, subsampling=2, progressive=True)
save(rgb, "progressive-444.jpg", quality=95, subsampling=0, progressive=True)
save(rgb, "restart.jpg", quality=85, restart_marker_rows=1)
save(rgb, "optimised.jpg", quality=30, optimize=True)
save(gray, "gray.jpg", quality=90)
save(gray, "gray-progressive.jpg", quality=90, progressive=True)
save(cmyk, "cmyk.jpg", quality=92)
with open(os.path.join(HERE, "cmyk.jpg"), "rb") as file:  # the same numbers, said to be YCCK by Adobe's marker
    ycck = bytearray(file.read())
ycck[ycck.index(b"Adobe") + 11] = 2
with open(os.path.join(HERE, "ycck.jpg"), "wb") as file:
    file.write(ycck)
made.append("ycck.jpg")
save(rgb, "rgb-stored.jpg", quality=90, keep_rgb=True)
save(Image.fromarray(scene(1, 1)), "one-pixel.jpg")
save(Image.fromarray(scene(3, 200)), "wide.jpg", subsampling=2)

# a profile that is not sRGB: sRGB's with red and blue exchanged, and a gray one with another gamma
profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
tags = {}
for i in range(struct.unpack(">I", profile[128:132])[0]):
    at = 132 + 12 * i
    tags[bytes(profile[at : at + 4])] = at
r, b = tags[b"rXYZ"], tags[b"bXYZ"]
profile[r + 4 : r + 12], profile[b + 4 : b + 12] = profile[b + 4 : b + 12], profile[r + 4 : r + 12]
save(rgb, "profile.jpg", quality=90, icc_profile=bytes(profile))
save(rgb, "profile.png", icc_profile=bytes(profile))
for i in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = i
    save(Image.fromarray(scene(17, 24)), f"orientation-{i}.jpg", quality=92, subsampling=0, exif=exif)
exif = Image.Exif()
exif[0x0112] = 6
save(Image.fromarray(scene(9, 14)), "orientation.png", exif=exif)

save(rgb, "rgb.png")
save(gray, "gray.png")
alpha = Image.fromarray(np.dstack([scene(20, 23), scene(20, 23, 1)]))
save(alpha, "rgba.png")
save(Image.merge("LA", (gray, gray.transpose(Image.Transpose.FLIP_LEFT_RIGHT))), "gray-alpha.png")
palette = rgb.quantize(37)
save(palette, "palette.png")
save(palette, "palette-transparent.png", transparency=3)
save(rgb.quantize(4), "palette-2bit.png", bits=2)
save(gray.point(lambda v: 255 * (v > 120), "1"), "bits.png")
save(Image.fromarray((scene(21, 30, 1)[:, :, 0].astype(np.uint16) * 257 + 77)), "gray16.png")


def png(name, h, w, depth, kind, rows, interlace=0):
    """PNG files that Pillow does not write."""

    def chunk(tag, data):
        body = tag + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", w, h, depth, kind, 0, 0, interlace)
    with open(os.path.join(HERE, name), "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))
    made.append(name)


deep = (scene(11, 13).astype(np.uint16) * 256 + rng.integers(0, 256, (11, 13, 3))).astype(">u2")
png("rgb16.png", 11, 13, 16, 2, b"".join(b"\0" + row.tobytes() for row in deep))
deep = rng.integers(0, 65536, (6, 7, 2)).astype(">u2")
png("gray-alpha16.png", 6, 7, 16, 4, b"".join(b"\0" + row.tobytes() for row in deep))
for bits in (2, 4):
    width = 16
    rows = rng.integers(0, 256, (9, width * bits // 8)).astype(np.uint8)
    png(f"gray{bits}.png", 9, width, bits, 0, b"".join(b"\0" + row.tobytes() for row in rows))
full = scene(8, 8)
passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
png("interlaced.png", 8, 8, 8, 2, b"".join(b"\0" + row.tobytes() for y, x, dy, dx in passes for row in full[y::dy, x::dx]), 1)

save(rgb, "palette.gif")
save(palette, "transparent.gif", transparency=2)
first = rgb.quantize(16)
save(first, "animated.gif", save_all=True, append_images=[rgb.transpose(Image.Transpose.ROTATE_180).quantize(16)])
save(gray, "gray.gif")
save(rgb, "rgb.bmp")
save(palette, "palette.bmp")
save(gray, "gray.bmp")
save(gray.point(lambda v: 255 * (v > 120), "1"), "bits.bmp")
save(alpha, "rgba.bmp")
save(rgb, "lzw.tiff", compression="tiff_lzw")
save(rgb, "deflate.tiff", compression="tiff_adobe_deflate")
save(gray, "gray.tiff")
save(palette, "palette.tiff")
save(cmyk, "cmyk.tiff")
save(alpha, "rgba.tiff")
save(Image.fromarray(scene(21, 30, 1)[:, :, 0].astype(np.uint16) * 257 + 77), "gray16.tiff")
save(gray.point(lambda v: 255 * (v > 120), "1"), "bits.tiff", compression="group4")
save(rgb, "lossless.webp", lossless=True)
save(alpha, "lossless-alpha.webp", lossless=True, exact=True)
save(rgb, "lossy.webp", quality=85)

golden = {}
for name in made:
    image = ImageOps.exif_transpose(Image.open(os.path.join(HERE, name)))
    golden[name + ".rgb"] = np.asarray(image.convert("RGB")).transpose(2, 0, 1).copy()
    golden[name + ".gray"] = np.asarray(image.convert("L")).copy()
save_file(golden, os.path.join(HERE, "pictures_golden.safetensors"))
