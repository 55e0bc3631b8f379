"""Files that are made to exhaust memory or time: decompression bombs, and headers that state more than follows.

Most have a few KB; the largest, logs, have 200 MB. Each has the bound that facecam keeps when it reads the file.
"""

from __future__ import annotations

import base64
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

IMAGE_MB, VIDEO_MB, TEXT_MB = 700, 900, 700
"""Most memory above that of the idle process, in MB: for an image, a video, and a table or settings."""

IMAGE_BOUND = "MAX_DECODE_BYTES: 640 MB, from the header"
VIDEO_BOUND = "36 million pixels, 10 million frames"
ZIP_BOUND = "16 GB, 200,000 entries, 64 MB and 1:100 per photo"


@dataclass(frozen=True, slots=True)
class HostileFile:
    """A file that is made to do harm.

    Attributes:
        name: Name with the suffix by which it is read.
        kind: Name of the reader: image, video, zip, log, roster, settings, person, session or network.
        content: Returns the file's bytes.
        bound: The limit that applies.
        most_mb: Most memory above that of the idle process, in MB.
        message: Regular expression that the error has, "" for a file that is read within the bound.
        is_long: Whether reading or making it takes seconds.
    """

    name: str
    kind: str
    content: Callable[[], bytes]
    bound: str
    most_mb: float
    message: str = ""
    is_long: bool = False


def zeros(count: int) -> bytes:
    """Return this many zero bytes, compressed by zlib to a thousandth."""
    packer, block = zlib.compressobj(9), bytes(1 << 20)
    packed = [packer.compress(block[: min(len(block), count - start)]) for start in range(0, count, len(block))]
    return b"".join([*packed, packer.flush()])


# Images

_PNG = b"\x89PNG\r\n\x1a\n"


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)))


def _ihdr(width: int, height: int, depth: int, color: int) -> bytes:
    return _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))


def png(width: int, height: int, *, depth: int = 8, color: int = 2, pixel_bytes: int | None = None, before: bytes = b"") -> bytes:
    """Return a black PNG; `pixel_bytes` is the size of its inflated data, the right one by default, `before` further chunks."""
    row_bytes = 1 + (width * depth * {0: 1, 2: 3, 6: 4}[color] + 7) // 8
    data = _chunk(b"IDAT", zeros(row_bytes * height if pixel_bytes is None else pixel_bytes))
    return _PNG + _ihdr(width, height, depth, color) + before + data + _chunk(b"IEND", b"")


def png_text_bomb() -> bytes:
    """Return a small PNG with a color profile and a comment that inflate to 1 GB each."""
    bomb = zeros(1 << 30)
    return png(10, 10, before=_chunk(b"iCCP", b"p\0\0" + bomb) + _chunk(b"zTXt", b"k\0\0" + bomb))


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _small(mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (64, 64))


def jpeg(width: int, height: int, **options: Any) -> bytes:
    """Return a small JPEG whose header states another size."""
    data = bytearray(_saved(_small(), "JPEG", **options))
    at = next(data.index(marker) for marker in (b"\xff\xc0", b"\xff\xc2") if marker in data)
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_of_scans(count: int) -> bytes:
    """Return a progressive JPEG of 10,000 x 10,000 pixels with many scans."""
    data = jpeg(10_000, 10_000, progressive=True)
    scans = data[data.index(b"\xff\xda") : -2]
    return data[:-2] + scans * count + b"\xff\xd9"


def jpeg_with_two_sizes() -> bytes:
    """Return a JPEG whose first header states 30,000 x 30,000 pixels, and whose second one states 64 x 64."""
    data = _saved(_small(), "JPEG")
    at = data.index(b"\xff\xc0")
    header = bytearray(data[at : at + 19])
    header[5:9] = struct.pack(">HH", 30_000, 30_000)
    return data[:at] + bytes(header) + data[at:]


def _riff(content: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(content) + 4) + b"WEBP" + content


def webp_lossless() -> bytes:
    """Return the largest WebP, 268 million black pixels in 34 bytes."""
    return _saved(Image.new("RGB", (16_383, 16_383)), "WEBP", lossless=True, quality=0, method=0)


def webp_with_small_canvas() -> bytes:
    """Return the largest WebP behind a header that states 10 x 10 pixels."""
    return _riff(b"VP8X" + struct.pack("<I", 10) + bytes(4) + (9).to_bytes(3, "little") * 2 + webp_lossless()[12:])


def webp_without_header() -> bytes:
    """Return a WebP whose first part is a bitmap without a header, with 10 x 10 where the size of another kind stands."""
    content = bytearray(b"\x2f" + struct.pack("<I", 16_382 | 16_382 << 14) + bytes(4000))
    content[14:18] = struct.pack("<HH", 10, 10)
    return _riff(bytes(content))


def tiff(width: int, height: int, payload: bytes, **tags: int | list[int]) -> bytes:
    """Return a TIFF with deflated strips; `tags` as t258=[8] replace the usual ones."""
    found: dict[int, int | list[int]] = {
        256: width,
        257: height,
        258: 8,
        259: 8,
        262: 1,
        273: 0,
        277: 1,
        278: height,
        279: len(payload),
    }
    found |= {int(name[1:]): value for name, value in tags.items()}

    def encoded(offset: int) -> bytes:
        entries, further, base = b"", b"", 14 + 12 * len(found)
        for tag, value in sorted(found.items()):
            values = value if isinstance(value, list) else [value]
            values = [offset] * len(values) if tag in (273, 324) else values
            raw = struct.pack(f"<{len(values)}I", *values)
            entries += struct.pack("<HHI", tag, 4, len(values)) + (
                raw if len(raw) == 4 else struct.pack("<I", base + len(further))
            )
            further += raw if len(raw) > 4 else b""
        return b"II*\0\x08\0\0\0" + struct.pack("<H", len(found)) + entries + bytes(4) + further

    return encoded(len(encoded(0))) + payload


def tiff_of_pages(count: int) -> bytes:
    """Return a TIFF of many pages, of which the first one is read."""
    pages = [Image.new("L", (3000, 3000)) for _ in range(count)]
    return _saved(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="tiff_deflate")


def gif(canvas: int, frames: int = 1, frame: int = 1) -> bytes:
    """Return a GIF with a canvas and frames of these sizes."""
    lzw = b"\x02\x02\x4c\x01\0"
    picture = b"\x21\xf9\x04\0\1\0\0\0," + struct.pack("<HHHH", 0, 0, frame, frame) + b"\0" + lzw
    return b"GIF89a" + struct.pack("<HH", canvas, canvas) + b"\x80\0\0" + bytes(6) + picture * frames + b";"


def bmp(width: int, height: int, mode: str = "RGB", compression: int = 0) -> bytes:
    """Return a small BMP whose header states another size."""
    data = bytearray(_saved(_small(mode), "BMP"))
    data[18:26], data[30:34] = struct.pack("<ii", width, height), struct.pack("<I", compression)
    return bytes(data)


def with_stated_size(data: bytes, side: int) -> bytes:
    """Return an AVIF or HEIC whose container states another size."""
    changed = bytearray(data)
    for found in re.finditer(rb"ispe", data):
        changed[found.start() + 8 : found.start() + 16] = struct.pack(">II", side, side)
    return bytes(changed)


def avif(side: int, **options: Any) -> bytes:
    """Return a black AVIF."""
    return _saved(Image.new("RGB", (side, side)), "AVIF", quality=0, speed=10, **options)


_HIDDEN_HEIC = (
    "c-muNV30^FsVvAy%}izhg51nBLkOEuH#fB;kpTh}Gg5MjplpVM%;XXVG{9GoS&|E8F#@q%W==lXI2RC~5hBXy3zWDGWGiQ8=B2^aiUK*QOi*4%S+XIBxiPb#"
    "r~pV$$t+0D2htTl31>zY4j^+Lh+x?Af#J{pA3qov_?Z=e8pRzLc^Loy2Pt3%t6&BynL3425h$na#K?#$F@b@D!GTFeXVa#oYT_m=AVDyZqM!s+&*8#&pjg5{"
    "Vgk?_k<8+PRHzpnfY<=+;DTIOxBxxJ)ChFE+~eGoL|~xEUDse-Q^I2T;6UBa*U#6>S(m-Nyj(A4XVKHs)AeL53LYMA=c5_b!FyNgYiu{zk7OZ<34%^xT@B<L"
    "p!z^m{S^7y8DtA2k`9ospSweR0r|QacT?bUW(M^IlxSztqbS%Y(0qY{_+}L$U$58%^7V$0pGX)v$&aID<Z5L-Lat7p6Xfa?Cp%GSCy=Yt$$?y*8D#71BRl;b"
    "AzSAca&<DAlB=<hT#cK_)p(ywjZ8x1YIGx4V;;F0yU5izja-f7mLW{r$klj=T#d)*ZsVxNQH`S-M>URW9Mw3gaa7}|#!-!<8b>vbY8=%#s&Q1~sK!x^qZ&sw"
    "j%uX$P%r@6wD_?"
)
"""HEIC with a frame of 8192 x 4320 gray pixels in a container that states 64 x 48."""


def heic_with_hidden_size() -> bytes:
    """Return a HEIC whose container states 64 x 48 pixels around a video frame of 8192 x 4320."""
    return zlib.decompress(base64.b85decode(_HIDDEN_HEIC))


# Videos


def _box(data: bytes, kind: bytes) -> bytes:
    at = data.index(kind) - 4
    return data[at : at + struct.unpack_from(">I", data, at)[0]]


def _video(
    container: str,
    codec: str,
    size_wh: tuple[int, int],
    count: int,
    *,
    pixels: str = "yuv420p",
    options: dict[str, str] | None = None,
) -> bytes:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=25, options=options or {"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size_wh, pixels
        frame = av.VideoFrame(*size_wh, pixels)
        for plane in frame.planes:
            plane.update(bytes([128]) * plane.buffer_size)
        for number in range(count):
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return file.getvalue()


@cache
def _mp4() -> bytes:
    return _video("mp4", "libx264", (96, 64), 5, options={"preset": "ultrafast", "bf": "0"})


def mp4_of_stated_frames(count: int) -> bytes:
    """Return an MP4 of 2 KB whose index states this many frames, all of one size and duration."""
    data = bytearray(_mp4())
    sizes, times, chunks = (data.index(kind) + 4 for kind in (b"stsz", b"stts", b"stsc"))
    data[sizes + 4 : sizes + 12] = struct.pack(">II", 1, count)
    data[times + 8 : times + 12] = data[chunks + 12 : chunks + 16] = struct.pack(">I", count)
    return bytes(data)


def mp4_with_packed_index(count: int) -> bytes:
    """Return an MP4 like `mp4_of_stated_frames` whose index is compressed by zlib, as in QuickTime files."""
    data = mp4_of_stated_frames(count)
    index = _box(data, b"moov")
    packed = struct.pack(">I", len(index)) + zlib.compress(index)
    method, packed = struct.pack(">I", 12) + b"dcomzlib", struct.pack(">I", len(packed) + 8) + b"cmvd" + packed
    inner = struct.pack(">I", len(method) + len(packed) + 8) + b"cmov" + method + packed
    return data.replace(index, struct.pack(">I", len(inner) + 8) + b"moov" + inner)


def mp4_of_fragments(count: int) -> bytes:
    """Return a fragmented MP4 of 3 KB whose first fragment states this many frames without a field for each."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp4", options={"movflags": "frag_keyframe+empty_moov+default_base_moof"}) as output:
        stream = output.add_stream("libx264", rate=25, options={"g": "2", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(8):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((64, 96, 3), number * 20, np.uint8), "rgb24")))
        output.mux(stream.encode())
    data = file.getvalue()
    run = _box(data, b"trun")
    stated = struct.pack(">I4sIII", 20, b"trun", 1, count, struct.unpack_from(">I", run, 16)[0])
    filler = struct.pack(">I4s", len(run) - 20, b"free") + bytes(len(run) - 28)
    return data.replace(run, stated + filler, 1)


def mp4_of_tracks(count: int) -> bytes:
    """Return an MP4 with this many tracks."""
    data = _mp4()
    track, index = _box(data, b"trak"), _box(data, b"moov")
    content = index[8:].replace(track, track * count)
    return data.replace(index, struct.pack(">I", len(content) + 8) + b"moov" + content)


def mp4_of_duration() -> bytes:
    """Return an MP4 that states a duration of 136 years."""
    data = bytearray(_mp4())
    for kind in (b"mvhd", b"mdhd"):
        at = data.index(kind)
        data[at + 16 : at + 24] = struct.pack(">II", 1, 0xFFFFFFFF)
    return bytes(data)


def mkv_with_attachment() -> bytes:
    """Return a Matroska file with an attachment that states a size of 512 GB."""
    data = _video("matroska", "libx264", (96, 64), 5)
    sizes = [struct.pack(">Q", 1 << 56 | size) for size in (1 << 40, 1 << 39, 0xFFFFFFF)]
    names = b"\x46\x6e\x81a\x46\x60\x81a\x46\xae\x81\x01\x46\x5c"
    at = data.index(b"\x1f\x43\xb6\x75")
    return data[:at] + b"\x19\x41\xa4\x69" + sizes[0] + b"\x61\xa7" + sizes[1] + names + sizes[2] + b"x" * 100 + data[at:]


def y4m(side: int, count: int) -> bytes:
    """Return an uncompressed video; frames above 2 x 2 pixels have no content."""
    frame = b"FRAME\n" + bytes(6 if side == 2 else 100)
    return b"YUV4MPEG2 W%d H%d F25:1 Ip A1:1 C420\n" % (side, side) + frame * count


def webp_animation(side: int, count: int) -> bytes:
    """Return an animated WebP."""
    frames = [Image.new("RGB", (side, side), (number % 255, number // 255, 7)) for number in range(count)]
    return _saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True, quality=0, method=0)


# Archives


def package(entries: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP file of these names and contents."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as target:
        for name, content in entries:
            target.writestr(name, content)
    return file.getvalue()


def _jpeg() -> bytes:
    return _saved(_small(), "JPEG")


def zip_of_bomb() -> bytes:
    """Return a ZIP file with a photo of 60 MB of zeros, packed to a thousandth, beside a good one."""
    return package([("Ada/a.jpg", bytes(60 << 20)), ("Ada/b.jpg", _jpeg())])


def zip_with_stated_size(stated: int) -> bytes:
    """Return a ZIP file whose table of contents states another size for its photo."""
    data = bytearray(package([("Ada/a.jpg", _jpeg())], zipfile.ZIP_STORED))
    at = data.index(b"PK\1\2")
    data[at + 24 : at + 28] = struct.pack("<I", stated)
    return bytes(data)


def zip_of_overlapping_entries(count: int) -> bytes:
    """Return a ZIP file whose entries are all the same bytes of the file."""
    data = package([("Ada/0.jpg", bytes(1 << 20))])
    at, end = data.index(b"PK\1\2"), data.index(b"PK\5\6")
    entry = data[at:end]
    entries = [entry.replace(b"Ada/0.jpg", b"Ada/%d.jpg" % number) for number in range(count)]
    names = b"".join(piece[:28] + struct.pack("<H", len(piece) - 46) + piece[30:] for piece in entries)
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(names), at, 0)
    return data[:at] + names + tail


def zip_of_entries(count: int) -> bytes:
    """Return a ZIP file with many empty photos."""
    return package([(f"Ada/{number}.jpg", b"") for number in range(count)], zipfile.ZIP_STORED)


def zip_in_zip() -> bytes:
    """Return a ZIP file that contains a ZIP file with a bomb, which is not opened."""
    return package([("Ada/a.jpg", _jpeg()), ("Ada/inner.zip", zip_of_bomb())])


# Tables and settings


@cache
def _log_lines() -> tuple[str, str]:
    from tools.fuzz.readers import READERS

    header, row, *_ = READERS["log"].valid()[0][1].decode().splitlines()
    return header, row


def log_of_labels(count: int) -> bytes:
    """Return a log in which each row has a session label with a name of its own."""
    header, row = _log_lines()
    place, cells = header.split(",").index("session_labels"), row.split(",")
    rows = [",".join([*cells[:place], f"l{number}=x", *cells[place + 1 :]]) for number in range(count)]
    return "\n".join([header, *rows, ""]).encode()


def log_of_columns(count: int) -> bytes:
    """Return a log with this many columns that facecam does not know."""
    header, row = _log_lines()
    return f"{header},{','.join(f'c{number}' for number in range(count))}\n{row}{',' * count}\n".encode()


def log_with_line(piece: bytes, count: int) -> bytes:
    """Return a log whose second row is this piece, repeated."""
    return "\n".join([*_log_lines(), ""]).encode() + piece * count + b"\n"


def tflite_of_shape() -> bytes:
    """Return a network of facecam whose input states 30,000 x 30,000 pixels."""
    from tools.fuzz.readers import READERS

    data = READERS["network"].valid()[0][1]
    return data.replace(struct.pack("<iiii", 1, 128, 128, 3), struct.pack("<iiii", 1, 30_000, 30_000, 3))


HOSTILE_FILES: tuple[HostileFile, ...] = (
    *(
        HostileFile(name, "image", content, IMAGE_BOUND, IMAGE_MB, message, is_long)
        for name, content, message, is_long in (
            ("65500-pixels.jpg", lambda: jpeg(65_500, 65_500), "million pixels", False),
            ("196-million.jpg", lambda: jpeg(14_000, 14_000), "", True),
            ("progressive-100-million.jpg", lambda: jpeg(10_000, 10_000, progressive=True), "", True),
            ("2000-scans.jpg", lambda: jpeg_of_scans(200), "scans", False),
            ("two-sizes.jpg", jpeg_with_two_sizes, "is damaged", False),
            ("900-million.png", lambda: png(30_000, 30_000, depth=1, color=0), "million pixels", False),
            ("two-headers.png", lambda: png(10, 10, before=_ihdr(60_000, 30_000, 8, 2)), "two headers", False),
            ("excess-8-bit.png", lambda: png(10, 10, pixel_bytes=1 << 30), "", True),
            ("excess-16-bit.png", lambda: png(10, 10, depth=16, pixel_bytes=1 << 30), "more data than pixels", True),
            ("profile-and-text.png", png_text_bomb, "", True),
            ("largest-8-bit.png", lambda: png(8900, 9900), "", True),
            ("largest-16-bit.png", lambda: png(7200, 7200, depth=16, color=6), "", True),
            ("268-million.webp", webp_lossless, "million pixels", True),
            ("small-canvas.webp", webp_with_small_canvas, "is damaged", True),
            ("no-header.webp", webp_without_header, "not an image", False),
            ("10-billion.tif", lambda: tiff(100_000, 100_000, zeros(1 << 24)), "million pixels", False),
            ("1000-samples.tif", lambda: tiff(5000, 5000, zeros(1 << 24), t258=[8] * 1000, t277=1000), "is damaged", False),
            ("64-bit.tif", lambda: tiff(9000, 9000, zeros(1 << 24), t258=64), "million pixels", False),
            ("endless-strip.tif", lambda: tiff(100, 100, zeros(1 << 24), t278=0xFFFFFFF0), "is damaged", False),
            (
                "10000-strips.tif",
                lambda: tiff(10_000, 10_000, zeros(10_000), t278=1, t273=[0] * 10_000, t279=[len(zeros(10_000))] * 10_000),
                "",
                True,
            ),
            ("large-tiles.tif", lambda: tiff(100, 100, zeros(99), t322=1 << 20, t323=1 << 20, t324=8, t325=99), "tiles", False),
            ("65-pages.tif", lambda: tiff_of_pages(65), "", True),
            ("65535-canvas.gif", lambda: gif(65_535), "million pixels", False),
            ("65535-frame.gif", lambda: gif(64, 1, 65_535), "pixels", False),
            ("2-billion.bmp", lambda: bmp(2**31 - 1, 2**31 - 1), "million pixels", False),
            ("100-million.bmp", lambda: bmp(10_000, -10_000), "is damaged", False),
            ("run-length.bmp", lambda: bmp(10_000, 10_000, "P", 1), "is damaged", False),
            ("stated.ppm", lambda: b"P6 999999999 999999999 255\n" + bytes(100), "million pixels", False),
            ("plain.pbm", lambda: b"P1 10000 10000\n" + b"1 " * 1000, "is damaged", False),
            ("3600-million.heic", lambda: with_stated_size(_heic(), 60_000), "million pixels", False),
            ("hidden-8192.heic", heic_with_hidden_size, "Security limit", True),
            ("3600-million.avif", lambda: with_stated_size(avif(64), 60_000), "could not be decoded", False),
            ("256-million.avif", lambda: avif(16_000), "million pixels", True),
        )
    ),
    HostileFile(
        "hidden-16000.avif",
        "image",
        lambda: with_stated_size(avif(16_000, subsampling="4:4:4"), 10),
        IMAGE_BOUND,
        IMAGE_MB,
        "more than its header",
        is_long=True,
    ),
    *(
        HostileFile(name, "video", content, VIDEO_BOUND, most_mb, message, is_long)
        for name, content, most_mb, message, is_long in (
            ("60-million-frames.mp4", lambda: mp4_of_stated_frames(60_000_000), 50, "million frames", False),
            ("packed-index.mov", lambda: mp4_with_packed_index(60_000_000), 50, "million frames", False),
            ("fragment.mp4", lambda: mp4_of_fragments(60_000_000), 50, "million frames", False),
            ("10-million-frames.mp4", lambda: mp4_of_stated_frames(10_000_000), VIDEO_MB, "could not be decoded", True),
            ("20000-tracks.mp4", lambda: mp4_of_tracks(20_000), 100, "could not be decoded", False),
            ("136-years.mp4", mp4_of_duration, 50, "", False),
            ("16000-pixels.mp4", lambda: _video("mp4", "libx264", (16_000, 16_000), 1), 200, "over 8K", True),
            ("8k.mp4", lambda: _video("mp4", "libx264", (8192, 4320), 30), VIDEO_MB, "", True),
            ("attachment.mkv", mkv_with_attachment, 50, "could not be decoded", False),
            ("60000-pixels.y4m", lambda: y4m(60_000, 1), 50, "over 8K", False),
            ("500000-frames.y4m", lambda: y4m(2, 500_000), 50, "", False),
            ("65535-canvas-animated.gif", lambda: gif(65_535, 50_000), 50, "over 8K", False),
            ("35-million.gif", lambda: gif(5900, 100), VIDEO_MB, "", True),
            ("50000-frames.gif", lambda: gif(10, 50_000), 50, "", False),
            (
                "35-million.png",
                lambda: _saved(
                    Image.new("RGB", (5900, 5900)),
                    "PNG",
                    save_all=True,
                    append_images=[Image.new("RGB", (5900, 5900), (9, 0, 0))],
                ),
                VIDEO_MB,
                "",
                True,
            ),
            ("19-million.webp", lambda: webp_animation(4400, 5), VIDEO_MB, "", True),
            ("3000-frames.webp", lambda: webp_animation(8, 3000), 50, "", False),
        )
    ),
    *(
        HostileFile(name, "zip", content, ZIP_BOUND, most_mb, message, is_long)
        for name, content, most_mb, message, is_long in (
            ("bomb.zip", zip_of_bomb, 50, "", False),
            ("lying-size.zip", lambda: zip_with_stated_size(60 << 20), 100, "", False),
            ("4-gb-stated.zip", lambda: zip_with_stated_size(0xFFFFFFF0), 50, "", False),
            ("overlap.zip", lambda: zip_of_overlapping_entries(2000), 50, "overlap", False),
            ("201000-entries.zip", lambda: zip_of_entries(201_000), 300, "more than 200000 files", True),
            ("nested.zip", zip_in_zip, 50, "", False),
        )
    ),
    *(
        HostileFile(name, kind, content, bound, most_mb, message, is_long)
        for name, kind, content, bound, most_mb, message, is_long in (
            ("30000-labels.csv", "log", lambda: log_of_labels(30_000), "200 label names", 150, "labels", False),
            ("9000-columns.csv", "log", lambda: log_of_columns(9000), "1000 columns", 50, "columns", False),
            ("endless-line.csv", "log", lambda: log_with_line(b"x" * 1000, 200_000), "128 KB per row", 100, "", True),
            (
                "endless-quote.csv",
                "log",
                lambda: log_with_line(b'"' + b"x" * 1000 + b"\n", 20_001),
                "128 KB per row",
                100,
                "",
                True,
            ),
            ("nul.csv", "log", lambda: log_with_line(bytes(1000), 200_000), "128 KB per row", 100, "", True),
            ("names.txt", "roster", lambda: b"\n".join(b"%x" % number for number in range(8_000_000)), "4 MB", 150, "4 MB", True),
            ("deep.toml", "settings", lambda: b"a = " + b"[" * 60_000, "64 KB", 100, "too deeply|TOML", False),
            ("periods.toml", "settings", lambda: b"a" + b".a" * 32_000 + b" = 1", "1000 periods per line", 100, "periods", False),
            ("large.toml", "settings", lambda: b"#" * (1 << 20), "64 KB", 50, "64 KB", False),
            ("large-person.toml", "person", lambda: b"#" * (1 << 20), "64 KB", 50, "", False),
            ("deep.json", "session", lambda: b"[" * 60_000, "1 MB", 100, "", False),
            (
                "header.safetensors",
                "calibration",
                lambda: struct.pack("<Q", 1 << 60) + b"{}",
                "file size",
                50,
                "header too large",
                False,
            ),
            ("shape.tflite", "network", tflite_of_shape, "the file's input size", 300, ".", False),
        )
    ),
)


def _heic() -> bytes:
    from tests.image_samples import heic

    return heic()
