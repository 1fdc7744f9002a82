"""From a picture of a QR code to a verdict, in process on one core: how long, and how much of it is reading.

The pictures are PNG files of distinct national codes as ``wire.qr`` draws them. The baseline is the QR
library alone, on the pixels of the same picture.
"""

import io
import statistics
import time
from typing import Final

import zxingcpp
from PIL import Image

from benchmarks.deciding import decide
from benchmarks.figures import Figure, Result, Scale, percentile
from benchmarks.machine import pinned_to, server_core
from tests.world import World
from tongxing.core.verdicts import Outcome
from tongxing.wire.qr import encode_qr_png, qr_version, read_picture

PIXELS_A_MODULE: Final = 4


def measure_pictures(scale: Scale) -> Result:
    """Measure picture to verdict, reading beside deciding, and the library beside both."""
    world = World()
    knowledge = world.knowledge()
    codes = [world.national_code(number=number) for number in range(scale.pictures)]
    files = [encode_qr_png(qr_text, PIXELS_A_MODULE) for qr_text in codes]
    whole, reading, bare = [], [], []
    with pinned_to(server_core()):
        for file in files:
            begun = time.perf_counter()
            qr_text = read_picture(file)
            read = time.perf_counter()
            verdict = decide(qr_text, knowledge)
            decided = time.perf_counter()
            whole.append(1000 * (decided - begun))
            reading.append(1000 * (read - begun))
            bare.append(1000 * _seconds_of_library(file))
            assert verdict.outcome is Outcome.PASS
    library = "QR library alone"
    return Result(
        "pictures",
        (
            Figure("picture to verdict, median", statistics.median(whole), "ms", library, statistics.median(bare)),
            Figure("picture to verdict, p95", percentile(whole, 95), "ms", library, percentile(bare, 95)),
            Figure("of which reading the picture", sum(reading) / len(reading), "ms", "picture to verdict, mean",
                   sum(whole) / len(whole)),
        ),
        {"pictures": len(files), "QR version": qr_version(codes[0]), "pixels a module": PIXELS_A_MODULE},
    )  # fmt: skip


def _seconds_of_library(file: bytes) -> float:
    with Image.open(io.BytesIO(file)) as picture:
        grey = picture.convert("L")
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2])
    started = time.perf_counter()
    zxingcpp.read_barcodes(grey, formats=formats)
    return time.perf_counter() - started
