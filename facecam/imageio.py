"""Pictures from anywhere, as the one kind that the program takes: (height, width, 3) uint8 BGR, upright."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL import UnidentifiedImageError

from facecam.errors import ImageError
from facecam.fileio import write_atomic
from facecam.types import Image

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})
"""What a file of a folder must end in, in small letters, to count as a picture."""

MAX_PIXELS = 128_000_000
"""More than any camera's; decoding as many takes 0.4 GB. 8K is 33 million."""

_JPEG_QUALITY = 95

if "OPENCV_LOG_LEVEL" not in os.environ:
    # What OpenCV prints on stderr about a damaged file is said again, as one sentence, by the error that is raised.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def to_bgr8(array: NDArray[Any]) -> Image:
    """`array` as (height, width, 3) uint8 BGR in one block of memory; not copied when it is that already.

    Takes uint8 and uint16 (scaled to 8 bits, not cut off) of shape (h, w), (h, w, 1) gray, (h, w, 2) gray and alpha,
    (h, w, 3) BGR, (h, w, 4) BGRA. Alpha is dropped, as it is in a file: a face behind it is seen as it was photographed.
    PictureError names shape and dtype of anything else.
    """
    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    if array.dtype not in (np.uint8, np.uint16) or 0 in array.shape or channels not in (1, 2, 3, 4):
        raise ImageError(
            f"an array of shape {array.shape} and type {array.dtype} is no picture; expected (height, width), gray, or "
            "(height, width, 1 to 4), BGR, of uint8 or uint16"
        )
    planes = array.reshape(*array.shape[:2], channels)
    planes = np.ascontiguousarray(planes[:, :, :1] if channels < 3 else planes[:, :, :3])
    if planes.dtype == np.uint16:
        planes = np.asarray(cv2.convertScaleAbs(planes, alpha=1 / 257), np.uint8).reshape(planes.shape)
    return np.repeat(planes, 3, axis=2) if channels < 3 else planes


def read_image(path: Path | str) -> Image:
    """The picture in a file, turned upright by its EXIF orientation: (height, width, 3) uint8 BGR.

    Gray, 16 bit, palette and alpha as to_bgr8 has it. PictureError when there is no such file, when it is no picture or a
    damaged one, or has more than MAX_PIXELS.
    """
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise ImageError(f"{path} cannot be read: {error.strerror or error}; check the path and its permissions") from error
    return decode_image(data, path)


def decode_image(data: NDArray[np.uint8], name: Path | str) -> Image:
    """The picture that a file's bytes (n,) hold, as read_picture has it. PictureError says so of `name`."""
    _refuse_at_first_sight(data, name)
    try:
        # ANYDEPTH | COLOR, and not UNCHANGED: only so is the orientation applied and the palette resolved.
        decoded = cv2.imdecode(data, cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise ImageError(f"{name} cannot be decoded ({error.err}); save it again as JPEG or PNG") from error
    if decoded is None:
        raise ImageError(f"{name} is no picture that can be decoded, or a damaged one; save it again as JPEG or PNG")
    return to_bgr8(decoded)


def write_image(path: Path | str, bgr: Image) -> None:
    """Make `path` hold the picture, in the format of its suffix; other readers see all of it or nothing. PictureError if not."""
    target = Path(path)
    parameters = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY] if target.suffix.lower() in (".jpg", ".jpeg") else []
    try:
        done, data = cv2.imencode(target.suffix, to_bgr8(bgr), parameters)
    except cv2.error as error:
        raise ImageError(f"{target} has no suffix of a picture; call it .jpg or .png") from error
    if not done:
        raise ImageError(f"a picture of {bgr.shape[1]} x {bgr.shape[0]} pixels does not go into {target}; try .png")
    try:
        write_atomic(target, data.tobytes())
    except OSError as error:
        raise ImageError(f"{target} cannot be written: {error.strerror or error}") from error


def _refuse_at_first_sight(data: NDArray[np.uint8], path: Path | str) -> None:
    """PictureError for what must not even be decoded: nothing, a torn PNG, or a header that promises too many pixels.

    OpenCV's own limit, a thousand million pixels, is 3 GB.
    """
    if data.size == 0:
        raise ImageError(f"{path} is empty; copy it again from where it came")
    pixels = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)
            with PIL.Image.open(io.BytesIO(data.data)) as header:
                pixels = header.width * header.height
                if pixels <= MAX_PIXELS:
                    header.verify()
    except UnidentifiedImageError:
        return  # OpenCV may know it all the same
    except PIL.Image.DecompressionBombError:
        pixels = MAX_PIXELS + 1
    except (OSError, ValueError, SyntaxError) as error:
        raise ImageError(f"{path} is a damaged picture ({error}); copy it again from where it came") from error
    if pixels > MAX_PIXELS:
        raise ImageError(f"{path} has more than {MAX_PIXELS // 1_000_000} million pixels; make it smaller first")
