"""Formats of image files: the size in a header, the memory that decoding takes, and the decoder of each format.

What a decoder receives is cut down to the parts that describe pixels, so that metadata can neither fail nor make a codec write to
stderr.
"""

from __future__ import annotations

import io
import re
import struct
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from facecam.av1_sizes import av1_sizes
from facecam.errors import ImageError
from facecam.messages import TranslatableText

MAX_JPEG_PIXELS = 200_000_000
MAX_PIXELS = 50_000_000
"""Maximum number of pixels of a decoded image; 8K video has 33 million. A larger image is reduced to as many."""

MAX_DECODE_BYTES = 640_000_000
"""Maximum memory while an image is decoded. With detection it stays under 1 GB."""

_MAX_SCANNED_PIXELS = 3_000_000_000
"""Pixels times scans of a progressive JPEG, which has about 10 scans; a million of them would take minutes."""

_FORMATS = "JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF, BMP"

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

_warnings_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """Image before decoding: `decode` returns its pixels as OpenCV does, `orientation` is EXIF's, 1 if `decode` applies it.

    `peak_bytes` is the memory that decoding takes, by measurement of each decoder.
    """

    kind: str
    size_wh: tuple[int, int]
    peak_bytes: float
    decode: Callable[[], NDArray[Any]]
    orientation: int = 1


def check_size(encoded: EncodedImage) -> None:
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


def parse_header(data: bytes) -> EncodedImage:
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


def open_with_pillow(kind: str, data: bytes) -> PIL.Image.Image:
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


def jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
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


def _parse_jpeg(data: bytes) -> EncodedImage:
    """Parse a JPEG. Decoded by Pillow, bit by bit as by OpenCV, which would print on stderr what it finds damaged."""
    kept, orientation, end = [b"\xff\xd8"], 1, 0
    frame: tuple[int, bytes] | None = None
    for marker, content, end in jpeg_segments(data):  # noqa: B007
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
        image = open_with_pillow("JPEG", b"".join([*kept, data[end:]]))
        if reduction > 1:
            image.draft("RGB", (width // reduction, height // reduction))
        return _pillow_pixels(image)

    return EncodedImage("JPEG", (width, height), own_bytes + pixel_bytes / reduction**2, decode, orientation)


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


_MAX_EXCESS_BYTES = 16 * 1024**2
"""Inflated data of a PNG that its pixels do not need; interlaced rows need 0.2 % more. OpenCV inflates all of it."""

_PNG_PIXEL_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf"})


def png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return kind and content of all chunks up to IEND. ValueError if one does not end before the file."""
    chunks: list[tuple[bytes, bytes]] = []
    at = len(PNG_SIGNATURE)
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


def _parse_png(data: bytes) -> EncodedImage:
    chunks = [(kind, content) for kind, content in png_chunks(data) if kind in _PNG_PIXEL_CHUNKS]
    if chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13:
        raise ValueError(TranslatableText("the header is missing"))
    if [kind for kind, _ in chunks].count(b"IHDR") > 1:
        raise ValueError(TranslatableText("it has two headers"))
    width, height, depth, color = struct.unpack_from(">IIBB", chunks[0][1])
    exif = next((content for kind, content in chunks if kind == b"eXIf"), b"")
    pixels = PNG_SIGNATURE + b"".join(_png_chunk(kind, content) for kind, content in chunks if kind != b"eXIf")

    def decode() -> NDArray[Any]:
        if depth < 16:
            return _pillow_pixels(open_with_pillow("PNG", pixels))
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
    return EncodedImage("PNG", (width, height), peak_bytes, decode, _exif_orientation(exif))


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)))


def _parse_gif(data: bytes) -> EncodedImage:
    # Its size is known now, and that of the first frame, which can be larger than the header's.
    image = open_with_pillow("GIF", data)
    return EncodedImage("GIF", image.size, _bytes(image.size, 10.5), lambda: _pillow_pixels(image))


def _parse_webp(data: bytes) -> EncodedImage:
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
    return EncodedImage("WebP", size_wh, _bytes(size_wh, per_pixel), lambda: _cv_decode(data))


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


def _parse_tiff(data: bytes) -> EncodedImage:
    tags = _tiff_tags(data)
    size_wh = tags[256][0], tags[257][0]
    pixels, bits = size_wh[0] * size_wh[1], max(tags.get(258) or [8])
    if 322 in tags and tags[322][0] * tags[323][0] > max(4 * pixels, 4_000_000):
        raise ValueError(TranslatableText("its tiles are larger than the image"))
    return EncodedImage("TIFF", size_wh, _bytes(size_wh, _CV_BYTES * max(bits, 8) / 8), lambda: _cv_decode(data))


def _parse_bmp(data: bytes) -> EncodedImage:
    (header_bytes,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if header_bytes == 12 else "<ii", data, 18)
    size_wh = abs(width), abs(height)
    return EncodedImage("BMP", size_wh, _bytes(size_wh, _CV_BYTES), lambda: _cv_decode(data))


_PNM_SPACE = rb"(?:\s|#[^\n\r]*[\n\r])+"
_PNM_HEADER = re.compile(
    rb"P(?:([14])" + 2 * (_PNM_SPACE + rb"(\d{1,9})") + rb"|([2356])" + 3 * (_PNM_SPACE + rb"(\d{1,9})") + rb")\s"
)
_HEADER_BYTES = 4096


def _parse_pnm(data: bytes) -> EncodedImage:
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
    return EncodedImage("PNM", size_wh, _bytes(size_wh, _CV_BYTES * depth_bytes), lambda: _cv_decode(plain))


def media_brands(data: bytes) -> list[bytes]:
    """Return the brands of a file in the ISO base media format, the major one first; none for another file."""
    size = int.from_bytes(data[:4], "big")
    if data[4:8] != b"ftyp" or size > _HEADER_BYTES:
        return []
    return [data[8:12], *(data[at : at + 4] for at in range(16, min(size, len(data)), 4))]


def _parse_media(data: bytes) -> EncodedImage:
    """Parse AVIF, HEIC or HEIF: an image in the container of MP4."""
    return _parse_avif(data) if {b"avif", b"avis"} & set(media_brands(data)) else _parse_heif(data)


def _parse_avif(data: bytes) -> EncodedImage:
    """Parse an AVIF image. Its container and its bitstream each state a size; the decoder takes memory for the latter."""
    image = open_with_pillow("AVIF", data)
    coded = max((width * height for width, height in av1_sizes(data)), default=0)
    if coded > max(_MAX_CODED_FACTOR * image.size[0] * image.size[1], _MIN_CODED_PIXELS):
        raise ImageError("its pixels are {millions:.0f} million, more than its header states", millions=coded / 1e6)
    # Pillow gives the container's rotation and mirroring (irot, imir) as an EXIF orientation.
    orientation = int(image.getexif().get(0x0112, 1))
    return EncodedImage("AVIF", image.size, _bytes(image.size, 12.5), lambda: _pillow_pixels(image), orientation)


_MAX_CODED_FACTOR, _MIN_CODED_PIXELS = 2, 1_000_000
"""A coded image may be larger than the one that is shown, by rows and columns that are cut off."""


def _parse_heif(data: bytes) -> EncodedImage:
    """Parse a HEIC or HEIF image. Its container's rotation is applied by the decoder, and EXIF's is a copy of it."""
    import pi_heif

    image = pi_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True, bgr_mode=True)
    return EncodedImage("HEIC", image.size, _bytes(image.size, 12.5), lambda: np.asarray(image)[:, :, :3])


_PARSERS: tuple[tuple[re.Pattern[bytes], Callable[[bytes], EncodedImage]], ...] = (
    (re.compile(rb"\xff\xd8"), _parse_jpeg),
    (re.compile(re.escape(PNG_SIGNATURE)), _parse_png),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), _parse_webp),
    (re.compile(rb"....ftyp", re.DOTALL), _parse_media),
    (re.compile(rb"II\*\0|MM\0\*"), _parse_tiff),
    (re.compile(rb"GIF8[79]a"), _parse_gif),
    (re.compile(rb"BM"), _parse_bmp),
    (re.compile(rb"P[1-6]\s"), _parse_pnm),
)
"""Parser of each format, by how its files begin."""
