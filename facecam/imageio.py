"""Decoding and encoding of images as (height, width, 3) uint8 BGR, upright, in bounded memory, and atomic writes.

An image is decoded only in a format whose pixels its header counts, and only if that number fits the bounds of image_formats.py.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import re
import struct
import zlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from facecam.errors import ImageError
from facecam.fileio import PNG_METADATA, read_regular, write_atomic
from facecam.image_formats import (
    MAX_PIXELS,
    PNG_SIGNATURE,
    check_size,
    jpeg_segments,
    media_brands,
    open_with_pillow,
    parse_header,
    png_chunks,
)
from facecam.messages import TranslatableText
from facecam.types import Image

IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".pbm", ".pgm", ".ppm", ".pnm"}
    | {".avif", ".heic", ".heif"}
)
"""Lowercase suffixes of the files in a folder that count as images. A file's content decides how it is read."""

MAX_FILE_BYTES = 64 * 1024**2
"""Maximum size of an image file."""

MAX_SIDE_PX = 32_000
"""Maximum side of a decoded image: OpenCV's remap and warpAffine count pixels in 15 bits."""

_EXIF_DIRECTORY, _EXIF_TIME, _EXIF_ZONE = 0x8769, 0x9003, 0x9011
_ZONE = re.compile(r"[+-]\d\d:\d\d")

_JPEG_QUALITY = 95

_PNG_HEADER_BYTES = len(PNG_SIGNATURE) + 25
"""Signature and IHDR chunk, after which other chunks may follow."""

_log = logging.getLogger(__name__)

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
            "an array of shape {shape} and type {dtype} is not an image; expected (height, width), gray, or "
            "(height, width, 1 to 4), BGR, of uint8 or uint16",
            shape=array.shape,
            dtype=array.dtype,
        )
    planes = array.reshape(*array.shape[:2], channels)
    planes = np.ascontiguousarray(planes[:, :, :1] if channels < 3 else planes[:, :, :3])
    if planes.dtype == np.uint16:
        planes = np.asarray(cv2.convertScaleAbs(planes, alpha=1 / 257), np.uint8).reshape(planes.shape)
    return np.repeat(planes, 3, axis=2) if channels < 3 else planes


def read_image(path: Path | str) -> Image:
    """Return the image in a file, turned upright by its orientation, as (height, width, 3) uint8 BGR.

    Gray, 16-bit, palette and alpha images are converted as in `to_bgr8`. Of an animation the first image is returned. An image of
    more than MAX_PIXELS, or with a side over MAX_SIDE_PX, is returned smaller, and a warning is logged.

    Raises:
        ImageError: The file is not a regular one, has more than MAX_FILE_BYTES, cannot be read or decoded, is damaged, or has too
            many pixels for its format: 200 million as JPEG, 50 to 100 million otherwise.
    """
    try:
        data = read_regular(path, MAX_FILE_BYTES)
    except OSError as error:
        advice = {
            errno.EFBIG: TranslatableText("reduce its size"),
            errno.EISDIR: TranslatableText("name the images in it"),
        }.get(error.errno or 0, TranslatableText("check the path and its permissions"))
        raise ImageError("{path} cannot be read: {error}; {advice}", path=path, error=error, advice=advice) from error
    return _decode(data, path)


def decode_image(data: NDArray[np.uint8], name: Path | str) -> Image:
    """Return the image in a file's bytes (n,), as `read_image` does. Errors refer to the file as `name`."""
    return _decode(data.tobytes(), name)


def _decode(data: bytes, name: Path | str) -> Image:
    if not data:
        raise ImageError("{name} is empty; copy it again from the original", name=name)
    try:
        encoded = parse_header(data)
        check_size(encoded)
        bgr = _reduced(to_bgr8(_turned(encoded.decode(), encoded.orientation)))
    except ImageError as error:
        raise ImageError("{name} could not be decoded as an image: {error}", name=name, error=error) from error
    except Exception as error:  # Codecs raise almost anything for a damaged file, and MemoryError for a header that lies.
        reason = getattr(error, "err", "") or (error if str(error) else type(error).__name__)
        raise ImageError(
            "{name} could not be decoded, or is damaged ({reason}); save it again as JPEG or PNG", name=name, reason=reason
        ) from error
    if bgr.size < 3 * encoded.size_wh[0] * encoded.size_wh[1]:
        _log.warning("%s has %d x %d pixels and is read at %d x %d", name, *encoded.size_wh, bgr.shape[1], bgr.shape[0])
    return bgr


_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini"})
_MAX_LISTED = 5


def read_exif_time(path: Path) -> datetime | None:
    """Return when an image was taken, by EXIF's DateTimeOriginal; without a time zone where EXIF has none.

    Returns:
        The time; None without one, for other formats than JPEG and HEIC, and where the data are damaged.

    Raises:
        ImageError: The file cannot be read.
    """
    try:
        data = read_regular(path, MAX_FILE_BYTES)
    except OSError as error:
        raise ImageError("{path} cannot be read: {error}; check its permissions", path=path, error=error) from error
    try:
        exif = PIL.Image.Exif()
        exif.load(_exif_bytes(data))
        tags = exif.get_ifd(_EXIF_DIRECTORY)
        text, zone = (str(tags.get(tag, "")).strip("\0 ") for tag in (_EXIF_TIME, _EXIF_ZONE))
        time = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - the zone has a tag of its own
        return datetime.fromisoformat(f"{time.isoformat()}{zone}") if _ZONE.fullmatch(zone) else time
    except (ArithmeticError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError, struct.error):
        # Pillow and pi_heif raise many errors for damaged metadata, with which the image itself may be intact.
        _log.debug("%s: no EXIF time", path, exc_info=True)
        return None


def _exif_bytes(data: bytes) -> bytes:
    """Return the EXIF data of a JPEG or HEIC image, b"" without any."""
    if data.startswith(b"\xff\xd8"):
        segments = (content for marker, content, _ in jpeg_segments(data) if marker == 0xE1)
        return next((content for content in segments if content.startswith(b"Exif\0\0")), b"")
    if not media_brands(data) or {b"avif", b"avis"} & set(media_brands(data)):
        return b""
    import pi_heif

    return pi_heif.open_heif(io.BytesIO(data)).info.get("exif") or b""


def list_images(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the images directly in a folder, and the other files and folders in it, sorted by name. Hidden ones are in neither.

    Raises:
        OSError: The folder cannot be read.
    """
    visible = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    images = [path for path in visible if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()]
    others = set(visible) - set(images)
    return images, [path for path in visible if path in others and path.name.lower() not in _SYSTEM_FILES]


def describe_skipped(folder: Path, skipped: Sequence[Path]) -> str:
    """Return a sentence about what is skipped in a folder because it is not an image file, by name."""
    names = [f"{path.name}/" if path.is_dir() else path.name for path in skipped[:_MAX_LISTED]]
    more = f" and {len(skipped) - len(names)} more" if len(skipped) > len(names) else ""
    return f"skipped in {folder}, because only the images directly in it are read: {', '.join(names)}{more}"


def is_animated(path: Path) -> bool:
    """Return whether an image file has more than one frame, as an animated GIF, PNG, WebP or AVIF. False if it cannot be read."""
    try:
        data = read_regular(path, MAX_FILE_BYTES)
        if data[:4] == b"GIF8":
            return bool(open_with_pillow("GIF", data).is_animated)  # type: ignore[attr-defined]
        if data.startswith(PNG_SIGNATURE):
            return any(kind == b"acTL" for kind, _ in png_chunks(data))
        return (data[8:16] == b"WEBPVP8X" and bool(data[20] & 2)) or media_brands(data)[:1] == [b"avis"]
    except Exception:  # noqa: BLE001 - as in decode_image; reading the image tells what is wrong
        return False


def write_image(path: Path | str, bgr: Image) -> None:
    """Write the image atomically, in the format of the path's suffix. ImageError when it cannot be encoded or written."""
    target = Path(path)
    parameters = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY] if target.suffix.lower() in (".jpg", ".jpeg") else []
    try:
        encoded, data = cv2.imencode(target.suffix, to_bgr8(bgr), parameters)
    except cv2.error as error:
        raise ImageError("{path} does not end in an image suffix; name it .jpg or .png", path=target) from error
    if not encoded:
        raise ImageError(
            "an image of {width} x {height} pixels cannot be stored in {path}; try .png",
            width=bgr.shape[1],
            height=bgr.shape[0],
            path=target,
        )
    try:
        write_atomic(target, _with_metadata(data.tobytes()))
    except OSError as error:
        raise ImageError("{path} cannot be written: {error}", path=target, error=error) from error


def _with_metadata(image: bytes) -> bytes:
    """Return the image with PNG_METADATA when it is a PNG, else unchanged."""
    if not image.startswith(PNG_SIGNATURE):
        return image
    chunks = b""
    for name, text in PNG_METADATA.items():
        chunk = b"tEXt" + f"{name}\0{text}".encode("latin-1")
        chunks += struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return image[:_PNG_HEADER_BYTES] + chunks + image[_PNG_HEADER_BYTES:]


def _turned(array: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Return the pixels turned upright, by EXIF's orientation (1 to 8)."""
    if orientation in (5, 6, 7, 8):
        array = np.asarray(cv2.transpose(array))
    flip = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    return array if flip is None else np.asarray(cv2.flip(array, flip))


def _reduced(bgr: Image) -> Image:
    """Return an image with at most MAX_PIXELS and sides of at most MAX_SIDE_PX, itself if it has no more."""
    height, width = bgr.shape[:2]
    scale = min(1.0, (MAX_PIXELS / (width * height)) ** 0.5, MAX_SIDE_PX / max(width, height))
    if scale == 1:
        return bgr
    size_wh = max(int(width * scale), 1), max(int(height * scale), 1)
    return np.asarray(cv2.resize(bgr, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
