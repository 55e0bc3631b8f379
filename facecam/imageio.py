"""Decoding and encoding of images as (height, width, 3) uint8 BGR, upright, in bounded memory, and atomic writes.

An image is decoded only in a format whose pixels its header counts, and only if that number fits MAX_DECODE_BYTES. What a decoder
receives is cut down to the parts that describe pixels, so that metadata can neither fail nor make a codec write to stderr.
"""

from __future__ import annotations

import contextlib
import errno
import io
import logging
import os
import re
import struct
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from facecam.errors import ImageError
from facecam.fileio import PNG_METADATA, read_regular, write_atomic
from facecam.messages import TranslatableText
from facecam.types import Image

IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".pbm", ".pgm", ".ppm", ".pnm"}
    | {".avif", ".heic", ".heif"}
)
"""Lowercase suffixes of the files in a folder that count as images. A file's content decides how it is read."""

MAX_FILE_BYTES = 64 * 1024**2
"""Maximum size of an image file."""

MAX_JPEG_PIXELS = 200_000_000
MAX_PIXELS = 50_000_000
"""Maximum number of pixels of a decoded image; 8K video has 33 million. A larger image is reduced to as many."""

MAX_SIDE_PX = 32_000
"""Maximum side of a decoded image: OpenCV's remap and warpAffine count pixels in 15 bits."""

MAX_DECODE_BYTES = 640_000_000
"""Maximum memory while an image is decoded. With detection it stays under 1 GB."""

_MAX_SCANNED_PIXELS = 3_000_000_000
"""Pixels times scans of a progressive JPEG, which has about 10 scans; a million of them would take minutes."""

_EXIF_DIRECTORY, _EXIF_TIME, _EXIF_ZONE = 0x8769, 0x9003, 0x9011
_ZONE = re.compile(r"[+-]\d\d:\d\d")

_JPEG_QUALITY = 95
_FORMATS = "JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF, BMP"

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_BYTES = len(_PNG_SIGNATURE) + 25
"""Signature and IHDR chunk, after which other chunks may follow."""

_log = logging.getLogger(__name__)
_warnings_lock = threading.Lock()

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
        encoded = _parse_header(data)
        _check_size(encoded)
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
        segments = (content for marker, content, _ in _jpeg_segments(data) if marker == 0xE1)
        return next((content for content in segments if content.startswith(b"Exif\0\0")), b"")
    if not _brands(data) or {b"avif", b"avis"} & set(_brands(data)):
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
            return bool(_pillow("GIF", data).is_animated)  # type: ignore[attr-defined]
        if data.startswith(_PNG_SIGNATURE):
            return any(kind == b"acTL" for kind, _ in _png_chunks(data))
        return (data[8:16] == b"WEBPVP8X" and bool(data[20] & 2)) or _brands(data)[:1] == [b"avis"]
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
    if not image.startswith(_PNG_SIGNATURE):
        return image
    chunks = b""
    for name, text in PNG_METADATA.items():
        chunk = b"tEXt" + f"{name}\0{text}".encode("latin-1")
        chunks += struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return image[:_PNG_HEADER_BYTES] + chunks + image[_PNG_HEADER_BYTES:]


@dataclass(frozen=True, slots=True)
class _Encoded:
    """Image before decoding: `decode` returns its pixels as OpenCV does, `orientation` is EXIF's, 1 if `decode` applies it.

    `peak_bytes` is the memory that decoding takes, by measurement of each decoder.
    """

    kind: str
    size_wh: tuple[int, int]
    peak_bytes: float
    decode: Callable[[], NDArray[Any]]
    orientation: int = 1


def _check_size(encoded: _Encoded) -> None:
    """Raise ImageError for an image without pixels, or with more than decoding can take."""
    pixels = encoded.size_wh[0] * encoded.size_wh[1]
    if min(encoded.size_wh) < 1:
        raise ImageError("it has no pixels; copy it again from the original")
    if encoded.peak_bytes > MAX_DECODE_BYTES or pixels > MAX_JPEG_PIXELS:
        most = min(MAX_JPEG_PIXELS, pixels * MAX_DECODE_BYTES / encoded.peak_bytes) / 1e6
        raise ImageError(
            "it has {millions:.0f} million pixels, and a {kind} of this kind can have {most_millions:.0f} million; "
            "reduce its size",
            millions=pixels / 1e6,
            kind=encoded.kind,
            most_millions=most,
        )


def _parse_header(data: bytes) -> _Encoded:
    """Return the image in a file's content, before decoding. Any exception for one that is damaged or has another format."""
    parse = next((parse for start, parse in _PARSERS if start.match(data)), None)
    if parse is None:
        raise ImageError("it is in none of the formats {formats} and PNM; save it again as JPEG or PNG", formats=_FORMATS)
    return parse(data)


def _bytes(size_wh: tuple[int, int], per_pixel: float) -> float:
    return size_wh[0] * size_wh[1] * per_pixel


_CV_BYTES = 6.1
"""Memory per pixel of cv2.imdecode for 8 bits per channel, which copies the image. The other figures are measured likewise."""


def _cv_decode(data: bytes) -> NDArray[Any]:
    # UNCHANGED would neither apply the orientation nor resolve a palette.
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR)
    if decoded is None:
        raise ImageError("it is damaged; copy it again from the original, or save it again as JPEG or PNG")
    return decoded


def _pillow(kind: str, data: bytes) -> PIL.Image.Image:
    """Return the image, not decoded yet. Pillow's own limit on pixels applies to PIL.Image.open alone."""
    PIL.Image.init()
    if kind not in PIL.Image.OPEN:  # a build without the library of this format
        raise ImageError("this installation of Pillow does not read {kind}; save it again as JPEG or PNG", kind=kind)
    factory = PIL.Image.OPEN[kind][0]
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about metadata
        return factory(io.BytesIO(data), "")


_BLOCK_ROWS = 256


def _pillow_pixels(image: PIL.Image.Image) -> NDArray[np.uint8]:
    """Decode with Pillow and return BGR. Blocks of rows, because a converted copy of everything would take as much again."""
    image.load()
    width, height = image.size
    bgr = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _BLOCK_ROWS):
        bottom = min(top + _BLOCK_ROWS, height)
        block = image.crop((0, top, width, bottom))
        rgb = np.asarray(block if block.mode == "RGB" else block.convert("RGB"))
        cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR, dst=bgr[top:bottom])  # four times as fast as NumPy's reversed copy
    return bgr


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield marker, content and end of each segment, up to the start of the first scan."""
    at, marker = 2, 0
    while marker != 0xDA:
        at = data.index(b"\xff", at)
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker < 0xC0 or 0xD0 <= marker <= 0xD8:  # nothing follows these
            continue
        (length,) = struct.unpack_from(">H", data, at)
        content = data[at + 2 : at + length]
        if length < 2 or len(content) != length - 2:
            raise ValueError(TranslatableText("the header is incomplete"))
        at += length
        yield marker, content, at


def _parse_jpeg(data: bytes) -> _Encoded:
    """Parse a JPEG. Decoded by Pillow, bit by bit as by OpenCV, which would print on stderr what it finds damaged."""
    kept, orientation, end = [b"\xff\xd8"], 1, 0
    frame: tuple[int, bytes] | None = None
    for marker, content, end in _jpeg_segments(data):  # noqa: B007
        if marker == 0xE1 and content.startswith(b"Exif\0\0") and orientation == 1:
            orientation = _exif_orientation(content[6:])
        if marker in _JPEG_FRAMES:
            frame = marker, content
        # Of application data and comments only JFIF's and Adobe's segments are kept: they tell the color space.
        if marker in (0xE0, 0xEE) or marker < 0xE0:
            kept.append(struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content)
    if frame is None:
        raise ValueError(TranslatableText("the header has no size"))
    depth, height, width, components = struct.unpack_from(">BHHB", frame[1])
    if depth != 8:
        raise ImageError("a JPEG of {depth} bits is not supported; save it again with 8 bits per channel", depth=depth)
    is_buffered = frame[0] in _JPEG_PROGRESSIVE or content[0] < components
    own_bytes = _coefficient_bytes(width * height, frame[1], 1 + data.count(b"\xff\xda", end)) if is_buffered else 0.0
    pixel_bytes = 7.2 * width * height
    most_bytes = min(7.2 * MAX_PIXELS, MAX_DECODE_BYTES - own_bytes)
    reduction = next((factor for factor in (1, 2, 4) if pixel_bytes <= most_bytes * factor**2), 8)

    def decode() -> NDArray[np.uint8]:
        image = _pillow("JPEG", b"".join([*kept, data[end:]]))
        if reduction > 1:
            image.draft("RGB", (width // reduction, height // reduction))
        return _pillow_pixels(image)

    return _Encoded("JPEG", (width, height), own_bytes + pixel_bytes / reduction**2, decode, orientation)


def _coefficient_bytes(pixels: int, frame: bytes, scans: int) -> float:
    """Return the memory for the coefficients of all components, which a JPEG with several scans needs until the last one."""
    if pixels * scans > _MAX_SCANNED_PIXELS:
        raise ImageError("it has {scans} scans; save it again as JPEG or PNG", scans=scans)
    factors = [(both >> 4) * (both & 15) for both in frame[7 : 7 + 3 * frame[5] : 3]]
    return 2.2 * pixels * sum(factors) / max(1, *factors)


_JPEG_PROGRESSIVE = frozenset({0xC2, 0xCA})
_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC9}) | _JPEG_PROGRESSIVE
"""Baseline, extended and progressive, each with Huffman or arithmetic coding."""


def _exif_orientation(exif: bytes) -> int:
    """Return the orientation in EXIF data, 1 if there is none or the data is damaged."""
    try:
        return next(iter(_tiff_tags(exif).get(0x0112, ())), 1)
    except (ValueError, struct.error):
        return 1


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


_MAX_EXCESS_BYTES = 16 * 1024**2
"""Inflated data of a PNG that its pixels do not need; interlaced rows need 0.2 % more. OpenCV inflates all of it."""

_PNG_PIXEL_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf"})


def _png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return kind and content of all chunks up to IEND. ValueError if one does not end before the file."""
    chunks: list[tuple[bytes, bytes]] = []
    at = len(_PNG_SIGNATURE)
    while not chunks or chunks[-1][0] != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data):
            raise ValueError(TranslatableText("the file is incomplete"))
        content = data[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        if kind[:1].isupper() and zlib.crc32(content, zlib.crc32(kind)) != checksum:
            raise ValueError(TranslatableText("a checksum is wrong"))
        chunks.append((kind, content))
        at += 12 + length
    return chunks


def _parse_png(data: bytes) -> _Encoded:
    chunks = [(kind, content) for kind, content in _png_chunks(data) if kind in _PNG_PIXEL_CHUNKS]
    if chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13:
        raise ValueError(TranslatableText("the header is missing"))
    if [kind for kind, _ in chunks].count(b"IHDR") > 1:
        raise ValueError(TranslatableText("it has two headers"))
    width, height, depth, color = struct.unpack_from(">IIBB", chunks[0][1])
    exif = next((content for kind, content in chunks if kind == b"eXIf"), b"")
    pixels = _PNG_SIGNATURE + b"".join(_png_chunk(kind, content) for kind, content in chunks if kind != b"eXIf")

    def decode() -> NDArray[Any]:
        if depth < 16:
            return _pillow_pixels(_pillow("PNG", pixels))
        # Pillow would cut 16 bits off to 8. OpenCV would print on stderr that pixels are missing.
        columns = {0: 1, 2: 3, 4: 2, 6: 4}[color]
        inflater = zlib.decompressobj()
        content = b"".join(content for kind, content in chunks if kind == b"IDAT")
        expected, inflated = width * height * 2 * columns + height, 0
        while content and not inflater.eof and inflated <= expected + _MAX_EXCESS_BYTES:
            inflated += len(inflater.decompress(content, 1 << 20))
            content = inflater.unconsumed_tail
        if inflated < expected:
            raise ValueError(TranslatableText("pixels are missing"))
        if inflated > expected + _MAX_EXCESS_BYTES:
            raise ValueError(TranslatableText("it has more data than pixels"))
        return _cv_decode(pixels)

    peak_bytes = _bytes((width, height), 7.2 if depth < 16 else 12.2)
    return _Encoded("PNG", (width, height), peak_bytes, decode, _exif_orientation(exif))


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)))


def _parse_gif(data: bytes) -> _Encoded:
    image = _pillow("GIF", data)  # its size is known now, and that of the first frame, which can be larger than the header's
    return _Encoded("GIF", image.size, _bytes(image.size, 10.5), lambda: _pillow_pixels(image))


def _parse_webp(data: bytes) -> _Encoded:
    kind, per_pixel = data[12:16], 7.2
    if kind == b"VP8X":
        flags, canvas = data[20], data[24:30] + b"\0\0"
        size_wh = 1 + int.from_bytes(canvas[:3], "little"), 1 + int.from_bytes(canvas[3:6], "little")
        per_pixel = 16.2 if flags & 2 else per_pixel  # animated
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        size_wh = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        size_wh = width & 0x3FFF, height & 0x3FFF
    else:
        raise ValueError(TranslatableText("its first part is not an image"))
    return _Encoded("WebP", size_wh, _bytes(size_wh, per_pixel), lambda: _cv_decode(data))


_TIFF_INTEGERS = {1: ("B", 1), 3: ("H", 2), 4: ("I", 4)}


def _tiff_tags(data: bytes) -> dict[int, list[int]]:
    """Return the integers of each tag in the first directory of TIFF or EXIF data, at most 4 of each."""
    order = {b"II": "<", b"MM": ">"}[data[:2]] if data[:2] in (b"II", b"MM") else ""
    if not order:
        raise ValueError(TranslatableText("the byte order is missing"))
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    (entries,) = struct.unpack_from(f"{order}H", data, start)
    tags: dict[int, list[int]] = {}
    for at in range(start + 2, start + 2 + 12 * entries, 12):
        tag, kind, count = struct.unpack_from(f"{order}HHI", data, at)
        if tag in tags:  # as in libtiff, the first one counts
            continue
        tags[tag] = []
        if kind not in _TIFF_INTEGERS or not count:
            continue
        code, size = _TIFF_INTEGERS[kind]
        place = at + 8 if count * size <= 4 else struct.unpack_from(f"{order}I", data, at + 8)[0]
        tags[tag] = list(struct.unpack_from(f"{order}{min(count, 4)}{code}", data, place))
    return tags


def _parse_tiff(data: bytes) -> _Encoded:
    tags = _tiff_tags(data)
    size_wh = tags[256][0], tags[257][0]
    pixels, bits = size_wh[0] * size_wh[1], max(tags.get(258) or [8])
    if 322 in tags and tags[322][0] * tags[323][0] > max(4 * pixels, 4_000_000):
        raise ValueError(TranslatableText("its tiles are larger than the image"))
    return _Encoded("TIFF", size_wh, _bytes(size_wh, _CV_BYTES * max(bits, 8) / 8), lambda: _cv_decode(data))


def _parse_bmp(data: bytes) -> _Encoded:
    (header_bytes,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if header_bytes == 12 else "<ii", data, 18)
    size_wh = abs(width), abs(height)
    return _Encoded("BMP", size_wh, _bytes(size_wh, _CV_BYTES), lambda: _cv_decode(data))


_PNM_SPACE = rb"(?:\s|#[^\n\r]*[\n\r])+"
_PNM_HEADER = re.compile(
    rb"P(?:([14])" + 2 * (_PNM_SPACE + rb"(\d{1,9})") + rb"|([2356])" + 3 * (_PNM_SPACE + rb"(\d{1,9})") + rb")\s"
)
_HEADER_BYTES = 4096


def _parse_pnm(data: bytes) -> _Encoded:
    """Parse a portable bitmap, graymap or pixmap. The decoder gets the header as it is read here."""
    header = _PNM_HEADER.match(data[:_HEADER_BYTES])
    if header is None:
        raise ValueError(TranslatableText("the header is incomplete"))
    kind, *numbers = [part for part in header.groups() if part is not None]
    size_wh = int(numbers[0]), int(numbers[1])
    if len(numbers) == 3 and not 0 < int(numbers[2]) < 65536:
        raise ValueError(TranslatableText("its largest value is {value}", value=int(numbers[2])))
    depth_bytes = 2 if len(numbers) == 3 and int(numbers[2]) > 255 else 1
    plain = b"P%s\n%s\n" % (kind, b" ".join(number.lstrip(b"0") or b"0" for number in numbers)) + data[header.end() :]
    return _Encoded("PNM", size_wh, _bytes(size_wh, _CV_BYTES * depth_bytes), lambda: _cv_decode(plain))


def _brands(data: bytes) -> list[bytes]:
    """Return the brands of a file in the ISO base media format, the major one first; none for another file."""
    size = int.from_bytes(data[:4], "big")
    if data[4:8] != b"ftyp" or size > _HEADER_BYTES:
        return []
    return [data[8:12], *(data[at : at + 4] for at in range(16, min(size, len(data)), 4))]


def _parse_media(data: bytes) -> _Encoded:
    """Parse AVIF, HEIC or HEIF: an image in the container of MP4."""
    return _parse_avif(data) if {b"avif", b"avis"} & set(_brands(data)) else _parse_heif(data)


def _parse_avif(data: bytes) -> _Encoded:
    """Parse an AVIF image. Its container and its bitstream each state a size; the decoder takes memory for the latter."""
    image = _pillow("AVIF", data)
    coded = max((width * height for width, height in _av1_sizes(data)), default=0)
    if coded > max(_MAX_CODED_FACTOR * image.size[0] * image.size[1], _MIN_CODED_PIXELS):
        raise ImageError("its pixels are {millions:.0f} million, more than its header states", millions=coded / 1e6)
    # Pillow gives the container's rotation and mirroring (irot, imir) as an EXIF orientation.
    orientation = int(image.getexif().get(0x0112, 1))
    return _Encoded("AVIF", image.size, _bytes(image.size, 12.5), lambda: _pillow_pixels(image), orientation)


_MAX_CODED_FACTOR, _MIN_CODED_PIXELS = 2, 1_000_000
"""A coded image may be larger than the one that is shown, by rows and columns that are cut off."""

_AV1_SEQUENCE_HEADER = 1
_MAX_OBUS = 10_000


def _av1_sizes(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the sizes that the AV1 bitstreams in an AVIF state. None where the container or the bitstream is damaged.

    References: ISO/IEC 14496-12, section 8.11.3 (iloc); AV1 Bitstream & Decoding Process Specification, sections 5.3 and 5.5.
    """
    found = 0
    for stream in _av1_streams(data):
        at = 0
        while at < len(stream) and found < _MAX_OBUS:
            found += 1
            head, at = stream[at], at + (2 if stream[at] & 4 else 1)
            size = len(stream) - at
            if head & 2:
                size, at = _leb128(stream, at)
            if head >> 3 & 15 == _AV1_SEQUENCE_HEADER:
                yield _av1_size(_Bits(bytes(stream[at : at + min(size, 256)])))
            at += size


def _av1_streams(data: bytes) -> Iterator[memoryview]:
    """Yield the content of each item, and what follows the start of each chunk of an image sequence."""
    idat = data.find(b"idat") + 4
    for table in re.finditer(rb"iloc", data):
        with contextlib.suppress(struct.error, IndexError, OverflowError):
            yield from _item_contents(data, table.end(), idat)
    for table in re.finditer(rb"stco|co64", data):
        width = 4 if table[0] == b"stco" else 8
        (count,) = struct.unpack_from(">I", data[table.end() + 4 : table.end() + 8].rjust(4, b"\0"))
        for at in range(table.end() + 8, min(table.end() + 8 + width * count, len(data)), width)[:_MAX_OBUS]:
            yield memoryview(data)[int.from_bytes(data[at : at + width], "big") :]


def _item_contents(data: bytes, at: int, idat: int) -> Iterator[memoryview]:
    """Yield the content of each item that an `iloc` box lists, whose content begins at `at`.

    ImageError when items of several pieces together are larger than the file.
    """
    joined_bytes = 0

    def number(size: int) -> int:
        nonlocal at
        at += size
        if at > len(data):
            raise IndexError
        return int.from_bytes(data[at - size : at], "big")

    version = number(4) >> 24
    sizes = number(2)
    offset_bytes, length_bytes, base_bytes = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_bytes = sizes & 15 if version else 0
    for _ in range(number(4 if version == 2 else 2)):
        number(4 if version == 2 else 2)
        is_in_idat = version > 0 and number(2) & 15 == 1
        number(2)
        start = number(base_bytes) + (idat if is_in_idat else 0)
        pieces = []
        for _ in range(number(2)):
            number(index_bytes)
            first = start + number(offset_bytes)
            length = number(length_bytes)
            pieces.append(memoryview(data)[first : first + length] if length else memoryview(data)[first:])
        if len(pieces) == 1:
            yield pieces[0]
            continue
        joined_bytes += sum(map(len, pieces))
        if joined_bytes > len(data):
            raise ImageError("its parts overlap")
        yield memoryview(b"".join(pieces))


def _leb128(data: memoryview, at: int) -> tuple[int, int]:
    """Return a number of variable length, and the place after it."""
    value = 0
    for shift in range(0, 56, 7):
        byte = data[at : at + 1] or b"\0"
        value, at = value | (byte[0] & 0x7F) << shift, at + 1
        if not byte[0] & 0x80:
            break
    return value, at


class _Bits:
    """Reader of bits, which are 0 after the end."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "big"), 8 * len(data)

    def read(self, count: int) -> int:
        """Return the next bits as a number."""
        self._left -= count
        mask = (1 << count) - 1
        return self._value >> self._left & mask if self._left >= 0 else self._value << -self._left & mask

    def skip_uvlc(self) -> None:
        """Skip a number of variable length."""
        zeros = 0
        while zeros < 32 and self._left > 0 and not self.read(1):
            zeros += 1
        self.read(zeros if zeros < 32 else 0)


def _av1_size(bits: _Bits) -> tuple[int, int]:
    """Return the size in a sequence header."""
    bits.read(4)  # profile, and whether it is a still picture
    if bits.read(1):
        bits.read(5)
    else:
        delay_bits = _skip_timing(bits)
        has_display_delay = bits.read(1)
        for _ in range(bits.read(5) + 1):
            bits.read(12)
            if bits.read(5) > 7:
                bits.read(1)
            if delay_bits and bits.read(1):
                bits.read(2 * delay_bits + 1)
            if has_display_delay and bits.read(1):
                bits.read(4)
    width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
    return bits.read(width_bits) + 1, bits.read(height_bits) + 1


def _skip_timing(bits: _Bits) -> int:
    """Skip the timing of a sequence header and return the length of its delays, 0 without any."""
    delay_bits = 0
    if bits.read(1):
        bits.read(64)
        if bits.read(1):
            bits.skip_uvlc()
        if bits.read(1):
            delay_bits = bits.read(5) + 1
            bits.read(42)
    return delay_bits


def _parse_heif(data: bytes) -> _Encoded:
    """Parse a HEIC or HEIF image. Its container's rotation is applied by the decoder, and EXIF's is a copy of it."""
    import pi_heif

    image = pi_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True, bgr_mode=True)
    return _Encoded("HEIC", image.size, _bytes(image.size, 12.5), lambda: np.asarray(image)[:, :, :3])


_PARSERS: tuple[tuple[re.Pattern[bytes], Callable[[bytes], _Encoded]], ...] = (
    (re.compile(rb"\xff\xd8"), _parse_jpeg),
    (re.compile(re.escape(_PNG_SIGNATURE)), _parse_png),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), _parse_webp),
    (re.compile(rb"....ftyp", re.DOTALL), _parse_media),
    (re.compile(rb"II\*\0|MM\0\*"), _parse_tiff),
    (re.compile(rb"GIF8[79]a"), _parse_gif),
    (re.compile(rb"BM"), _parse_bmp),
    (re.compile(rb"P[1-6]\s"), _parse_pnm),
)
"""Parser of each format, by how its files begin."""
