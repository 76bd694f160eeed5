"""Variants have the pixels that Chromium shows of their originals: for every format, kind of colours, orientation
and alpha. The preset neither scales nor crops, and its quality is 95."""

import base64
import concurrent.futures
import io
import json
import urllib.request

import numpy as np
import pytest
from PIL import Image, ImageOps

from originals import ORIGINALS
from stack import Stack, eventually

FORMATS = ("jpeg", "png", "webp", "gif", "avif")
PRESET = {"sizes": [{"name": "thumbnail", "width": 2000, "height": 2000, "fit": "inside", "quality": 95}]}
# In levels of 255: of all pixels, and of the means of 8 x 8 pixels.
MEAN, CELL = 2, 6
# Chromium reduces linear light to 8 bits before the conversion, so dark areas have steps.
CELLS = {"png-gama-100000": 8, "avif-linear": 12}

# The pixels of files in Chromium, as RGBA. Alpha is not premultiplied.
DECODE = """async (files) => {
    const read = async ([data, type]) => {
        const image = new Image();
        image.src = `data:${type};base64,${data}`;
        await image.decode();
        const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        const { data: pixels } = context.getImageData(0, 0, canvas.width, canvas.height);
        let text = "";
        for (let start = 0; start < pixels.length; start += 32768)
            text += String.fromCharCode(...pixels.subarray(start, start + 32768));
        return [canvas.width, canvas.height, btoa(text)];
    };
    return Promise.all(files.map(read));
}"""

TURNS = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels.swapaxes(0, 1)[:, ::-1],
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: pixels.swapaxes(0, 1)[::-1],
}


@pytest.fixture(scope="module")
def service(request, tmp_path_factory):
    preset = tmp_path_factory.mktemp("preset") / "preset.json"
    preset.write_text(json.dumps(PRESET))
    stack = Stack(MULTIRES_PRESETS=str(preset))
    yield stack
    stack.close(keep=request.session.testsfailed > 0)


@pytest.fixture(scope="module")
def token(service):
    return service.register()["accessToken"]


def variant(service, token, original, made):
    """What the service makes of a file, as RGBA."""
    accepted = service.request(
        "POST", f"/api/images/upload?filename={original.name}", made, token, {"Content-Type": original.mime}
    )
    image = accepted["imageId"]

    def answer():
        status = service.request("GET", f"/api/images/{image}/status?wait=20", token=token)
        return status if status["status"] in ("complete", "failed") else None

    status = eventually(answer, 120)
    assert status["status"] == "complete", f"{original.name}: {status}"
    whole = service.request("GET", f"/api/images/{image}", token=token)["sizes"]["thumbnail"]
    with urllib.request.urlopen(whole["url"]) as response:
        return rgba(response.read())


def rgba(file):
    """As Pillow reads it, upright."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(file)))
    return np.asarray(image.convert("RGBA")).astype(float)


def shown(page, files):
    """The pixels in Chromium of pairs of bytes and type."""
    answers = page.evaluate(DECODE, [[base64.b64encode(file).decode(), mime] for file, mime in files])
    return [
        np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4).astype(float)
        for width, height, data in answers
    ]


def reference(original, made, pixels):
    """Chromium shows wrong alpha of AVIF, for which the pixels are those of the image without alpha, and does not
    turn WebP. Lossy WebP always halves the resolution of colours, so it is compared with pixels after that."""
    if original.opaque:
        pixels = np.dstack([pixels[..., :3], rgba(made)[..., 3]])
    if original.format == "webp" and "orientation-" in original.name:
        pixels = TURNS[int(original.name[-1])](pixels)
    if original.format == "webp" or (original.format == "avif" and original.is_animated):
        file = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels).astype(np.uint8)).save(file, "WEBP", quality=95, method=2)
        return rgba(file.getvalue())
    return pixels


def differences(ours, theirs):
    """The mean, and that of the worst cell, on white and on black."""
    worst = (0, 0)
    for ground in (0, 255):
        one, other = (
            image[..., :3] * image[..., 3:] / 255 + ground * (1 - image[..., 3:] / 255) for image in (ours, theirs)
        )
        height, width = (length // 8 for length in one.shape[:2])
        cells = (one - other)[: height * 8, : width * 8].reshape(height, 8, width, 8, 3).mean((1, 3))
        worst = max(worst[0], np.abs(one - other).mean()), max(worst[1], np.abs(cells).max())
    return worst


@pytest.mark.parametrize("format_", FORMATS)
def test_a_variant_has_the_pixels_that_chromium_shows(service, token, chromium, format_):
    originals = [original for original in ORIGINALS.values() if original.format == format_]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        files = list(pool.map(lambda original: original.make(), originals))
        opaque = list(pool.map(lambda original: original.opaque and original.opaque(), originals))
        variants = pool.map(lambda pair: variant(service, token, *pair), zip(originals, files, strict=True))
        page = chromium.new_page()
        pixels = []
        for start in range(0, len(files), 25):
            chosen = slice(start, start + 25)
            pairs = zip(originals[chosen], files[chosen], opaque[chosen], strict=True)
            pixels += shown(page, [(plain or made, original.mime) for original, made, plain in pairs])
        page.close()
        wrong = []
        for original, made, decoded, ours in zip(originals, files, pixels, variants, strict=True):
            theirs = reference(original, made, decoded)
            if ours.shape != theirs.shape:
                wrong.append(f"{original.name}: {ours.shape}, not {theirs.shape}")
                continue
            mean, cell = differences(ours, theirs)
            if mean > MEAN or cell > CELLS.get(original.name.split("-alpha")[0].split("-orientation")[0], CELL):
                wrong.append(f"{original.name}: mean {mean:.2f}, cell {cell:.2f}")
    assert not wrong, "\n".join([f"{len(wrong)} of {len(originals)}", *wrong])
