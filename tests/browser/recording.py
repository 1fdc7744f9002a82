"""Records a video for a browser's camera: people who show a code one after the other, with nothing between."""

import io
from pathlib import Path
from typing import Final

from PIL import Image

WIDTH, HEIGHT = 640, 480
FRAMES_A_SECOND: Final = 5
SECONDS_EACH: Final = 2
_CHROMA: Final = bytes([128]) * (WIDTH * HEIGHT // 2)


def record_video(path: Path, pictures: list[bytes]) -> Path:
    """Write a YUV4MPEG2 file that shows each picture (PNG) for some seconds after an empty view."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_A_SECOND}:1 Ip A1:1 C420jpeg\n".encode())
        for picture in pictures:
            for frame in (_frame(None), _frame(picture)):
                for _ in range(FRAMES_A_SECOND * SECONDS_EACH):
                    file.write(b"FRAME\n" + frame + _CHROMA)
    return path


def _frame(picture: bytes | None) -> bytes:
    view = Image.new("L", (WIDTH, HEIGHT), 150)
    if picture is not None:
        shown = (
            Image.open(io.BytesIO(picture))
            .convert("L")
            .resize((420, 420), Image.Resampling.LANCZOS)
            .rotate(4, fillcolor=200)
        )
        view.paste(shown, (110, 30))
    return view.tobytes()
