"""Decoding and encoding of images as (height, width, 3) uint8 BGR, upright, with a limit on pixels and atomic writes."""

from __future__ import annotations

import io
import os
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL import UnidentifiedImageError

from facecam.errors import ImageError
from facecam.fileio import PNG_METADATA, write_atomic
from facecam.types import Image

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})
"""Lowercase suffixes of the files in a folder that count as images."""

MAX_PIXELS = 128_000_000
"""More than any camera has (8K is 33 million); decoding as many takes 0.4 GB."""

_JPEG_QUALITY = 95

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_BYTES = len(_PNG_SIGNATURE) + 25
"""Signature and IHDR chunk, after which other chunks may follow."""

if "OPENCV_LOG_LEVEL" not in os.environ:
    # OpenCV would print on stderr what the raised error already says about a damaged file.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def to_bgr8(array: NDArray[Any]) -> Image:
    """Return the array as contiguous (height, width, 3) uint8 BGR, uncopied when it already is.

    Alpha is dropped, as it is in a file: a face behind it looks as it was photographed.

    Args:
        array: uint8, or uint16 (scaled to 8 bits), of shape (h, w) or (h, w, 1) gray, (h, w, 2) gray and alpha, (h, w, 3) BGR or
            (h, w, 4) BGRA.

    Raises:
        ImageError: The array has another shape or dtype.
    """
    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    if array.dtype not in (np.uint8, np.uint16) or 0 in array.shape or channels not in (1, 2, 3, 4):
        raise ImageError(
            f"an array of shape {array.shape} and type {array.dtype} is not an image; expected (height, width), gray, or "
            "(height, width, 1 to 4), BGR, of uint8 or uint16"
        )
    planes = array.reshape(*array.shape[:2], channels)
    planes = np.ascontiguousarray(planes[:, :, :1] if channels < 3 else planes[:, :, :3])
    if planes.dtype == np.uint16:
        planes = np.asarray(cv2.convertScaleAbs(planes, alpha=1 / 257), np.uint8).reshape(planes.shape)
    return np.repeat(planes, 3, axis=2) if channels < 3 else planes


def read_image(path: Path | str) -> Image:
    """Return the image in a file, turned upright by its EXIF orientation, as (height, width, 3) uint8 BGR.

    Gray, 16-bit, palette and alpha images are converted as in `to_bgr8`.

    Raises:
        ImageError: The file cannot be read or decoded, is damaged, or has more than MAX_PIXELS.
    """
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise ImageError(f"{path} cannot be read: {error.strerror or error}; check the path and its permissions") from error
    return decode_image(data, path)


def decode_image(data: NDArray[np.uint8], name: Path | str) -> Image:
    """Return the image in a file's bytes (n,), as `read_image` does. Errors refer to the file as `name`."""
    _check_header(data, name)
    try:
        # UNCHANGED would neither apply the orientation nor resolve a palette.
        decoded = cv2.imdecode(data, cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise ImageError(f"{name} could not be decoded ({error.err}); save it again as JPEG or PNG") from error
    if decoded is None:
        raise ImageError(f"{name} could not be decoded as an image, or is damaged; save it again as JPEG or PNG")
    return to_bgr8(decoded)


def write_image(path: Path | str, bgr: Image) -> None:
    """Write the image atomically, in the format of the path's suffix. ImageError when it cannot be encoded or written."""
    target = Path(path)
    parameters = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY] if target.suffix.lower() in (".jpg", ".jpeg") else []
    try:
        encoded, data = cv2.imencode(target.suffix, to_bgr8(bgr), parameters)
    except cv2.error as error:
        raise ImageError(f"{target} does not end in an image suffix; name it .jpg or .png") from error
    if not encoded:
        raise ImageError(f"an image of {bgr.shape[1]} x {bgr.shape[0]} pixels cannot be stored in {target}; try .png")
    try:
        write_atomic(target, _with_metadata(data.tobytes()))
    except OSError as error:
        raise ImageError(f"{target} cannot be written: {error.strerror or error}") from error


def _with_metadata(image: bytes) -> bytes:
    """Return the image with PNG_METADATA when it is a PNG, else unchanged."""
    if not image.startswith(_PNG_SIGNATURE):
        return image
    chunks = b""
    for name, text in PNG_METADATA.items():
        chunk = b"tEXt" + f"{name}\0{text}".encode("latin-1")
        chunks += struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return image[:_PNG_HEADER_BYTES] + chunks + image[_PNG_HEADER_BYTES:]


def _check_header(data: NDArray[np.uint8], name: Path | str) -> None:
    """Raise ImageError for data not worth decoding: empty, a truncated PNG, or a header with too many pixels.

    OpenCV's own limit of 1000 million pixels would take 3 GB.
    """
    if data.size == 0:
        raise ImageError(f"{name} is empty; copy it again from the original")
    pixels = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)
            with PIL.Image.open(io.BytesIO(data.data)) as header:
                pixels = header.width * header.height
                if pixels <= MAX_PIXELS:
                    header.verify()
    except UnidentifiedImageError:
        return  # OpenCV knows formats that Pillow does not.
    except PIL.Image.DecompressionBombError:
        pixels = MAX_PIXELS + 1
    except (OSError, ValueError, SyntaxError) as error:
        raise ImageError(f"{name} is a damaged image ({error}); copy it again from the original") from error
    if pixels > MAX_PIXELS:
        raise ImageError(f"{name} has more than {MAX_PIXELS // 1_000_000} million pixels; reduce its size first")
