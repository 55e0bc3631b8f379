"""Images of every kind from arrays and files, in bounded memory."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from facecam.errors import ImageError
from facecam.image_formats import MAX_PIXELS
from facecam.imageio import (
    IMAGE_SUFFIXES,
    MAX_SIDE_PX,
    describe_skipped,
    is_animated,
    list_images,
    read_image,
    to_bgr8,
    write_image,
)
from tests import image_samples

SIDEWAYS = 6
SAMPLES = image_samples.samples()


def gradient(dtype: type, *shape: int) -> np.ndarray:
    most = np.iinfo(dtype).max
    return np.linspace(0, most, int(np.prod(shape))).astype(dtype).reshape(shape)


def saved(path: Path, array: np.ndarray) -> Path:
    path.write_bytes(cv2.imencode(path.suffix, array)[1].tobytes())
    return path


@pytest.mark.parametrize("shape", [(1, 1), (5, 4), (5, 4, 1), (5, 4, 2), (5, 4, 3), (5, 4, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_kind_of_array_becomes_bgr_of_8_bits(shape: tuple[int, ...], dtype: type) -> None:
    image = to_bgr8(gradient(dtype, *shape))

    assert image.shape == (*shape[:2], 3)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous


def test_sixteen_bits_are_scaled_and_not_cut_off() -> None:
    assert to_bgr8(np.array([[0, 257, 32768, 65535]], np.uint16))[0, :, 0].tolist() == [0, 1, 128, 255]


def test_gray_is_the_same_in_every_channel() -> None:
    assert to_bgr8(np.array([[7, 200]], np.uint8))[0].tolist() == [[7, 7, 7], [200, 200, 200]]


def test_alpha_is_dropped() -> None:
    assert to_bgr8(np.array([[[1, 2, 3, 0]]], np.uint8))[0, 0].tolist() == [1, 2, 3]


def test_a_mirrored_view_becomes_contiguous() -> None:
    view = gradient(np.uint8, 4, 5, 3)[:, ::-1]

    assert to_bgr8(view).flags.c_contiguous
    np.testing.assert_array_equal(to_bgr8(view), view)


def test_an_array_that_is_already_bgr_is_not_copied() -> None:
    image = gradient(np.uint8, 4, 5, 3)

    assert np.shares_memory(to_bgr8(image), image)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 5, 3), np.float32),
        np.zeros((4, 5, 3), bool),
        np.zeros((4, 5, 3), np.int16),
        np.zeros((4, 5, 5), np.uint8),
        np.zeros((0, 5, 3), np.uint8),
        np.zeros((4, 0), np.uint8),
        np.zeros((4, 5, 0), np.uint8),
        np.zeros(7, np.uint8),
        np.zeros((2, 4, 5, 3), np.uint8),
        np.uint8(3),
    ],
    ids=lambda array: f"{array.shape}-{array.dtype}",
)
def test_an_array_that_is_not_an_image_is_an_error_with_its_shape_and_type(array: np.ndarray) -> None:
    with pytest.raises(ImageError) as refused:
        to_bgr8(array)

    assert str(array.shape) in str(refused.value)
    assert str(array.dtype) in str(refused.value)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".ppm"])
def test_a_written_image_reads_back_the_same(suffix: str, tmp_path: Path) -> None:
    image = gradient(np.uint8, 9, 7, 3)

    write_image(tmp_path / f"a{suffix}", image)

    np.testing.assert_array_equal(read_image(tmp_path / f"a{suffix}"), image)


@pytest.mark.parametrize("name", ["Ада.jpg", "小明.jpg", "محمد.jpg", "Zoë & 50 %d.jpg"])
def test_a_name_may_be_in_any_script(name: str, tmp_path: Path) -> None:
    write_image(tmp_path / name, gradient(np.uint8, 9, 7, 3))

    assert read_image(tmp_path / name).shape == (9, 7, 3)


def test_writing_leaves_nothing_else_in_the_folder(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", gradient(np.uint8, 9, 7, 3))
    write_image(str(tmp_path / "a.png"), gradient(np.uint8, 3, 2, 3))

    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert read_image(tmp_path / "a.png").shape == (3, 2, 3)


@pytest.mark.parametrize("name", ["a.text", "a", "missing/a.png"])
def test_a_path_that_cannot_be_written_is_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="a"):
        write_image(tmp_path / name, gradient(np.uint8, 3, 2, 3))


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_a_sideways_photo_is_turned_upright(suffix: str, tmp_path: Path) -> None:
    sideways = Image.new("RGB", (40, 20), (0, 0, 255))
    sideways.putpixel((0, 0), (255, 255, 255))
    exif = sideways.getexif()
    exif[0x0112] = SIDEWAYS
    sideways.save(tmp_path / f"a{suffix}", exif=exif, quality=100)

    upright = read_image(tmp_path / f"a{suffix}")

    assert upright.shape == (40, 20, 3)
    assert upright[0, -1].min() > upright[20, 10].min()  # the white corner has gone from the left to the right


@pytest.mark.parametrize(
    "array",
    [gradient(np.uint16, 16, 16), gradient(np.uint16, 16, 16, 3), gradient(np.uint8, 16, 16), gradient(np.uint8, 16, 16, 4)],
)
def test_gray_alpha_and_16_bit_files_are_read(array: np.ndarray, tmp_path: Path) -> None:
    np.testing.assert_array_equal(read_image(saved(tmp_path / "a.png", array)), to_bgr8(array))


def test_a_palette_is_resolved(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), (250, 10, 20)).convert("P").save(tmp_path / "a.png")

    assert read_image(tmp_path / "a.png")[0, 0].argmax() == 2


def test_an_image_of_floats_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"a\.tiff could not be decoded .* float32"):
        read_image(saved(tmp_path / "a.tiff", np.random.default_rng(0).random((9, 9, 3), np.float32)))


def png(width: int, height: int, pixels: bytes, *, checksum: int | None = None, length: int | None = None) -> bytes:
    """Return a PNG of RGB pixels; `checksum` and `length` replace those of the pixels' chunk."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = chunk(b"IDAT", pixels)
    if length is not None:
        data = struct.pack(">I", length) + data[4:]
    if checksum is not None:
        data = data[:-4] + struct.pack(">I", checksum)
    return b"\x89PNG\r\n\x1a\n" + header + data + chunk(b"IEND", b"")


def torn(suffix: str, share: float) -> bytes:
    data = cv2.imencode(suffix, np.random.default_rng(0).integers(0, 255, (99, 99, 3), np.uint8))[1].tobytes()
    return data[: int(len(data) * share)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"not an image at all", "could not be decoded as an image: it is in none of the formats JPEG, PNG"),
        (torn(".png", 0.5), "damaged"),
        (torn(".png", 0.001), "damaged"),
        (torn(".jpg", 0.01), "damaged"),
        (torn(".jpg", 0.7), "damaged"),
        (png(30_000, 30_000, b""), "it has 900 million pixels"),
        (png(30_000, 30_000, b"", checksum=0), "damaged"),
        (png(64, 48, b"0", length=0xFFFFFFF0), "damaged"),
        (png(64, 48, zlib.compress(b"0")), "damaged"),
        (cv2.imencode(".hdr", np.ones((9, 9, 3), np.float32))[1].tobytes(), "in none of the formats"),
        (image_samples.saved(Image.new("RGB", (9, 9)), "DDS"), "in none of the formats"),
        (b"P6 99999999 99999999 255\n", "million pixels"),
    ],
)
def test_a_file_that_is_not_an_image_is_an_error_with_its_name_and_nothing_on_stderr(
    content: bytes, message: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.png").write_bytes(content)

    with pytest.raises(ImageError, match=message) as refused:
        read_image(tmp_path / "a.png")

    assert "a.png" in str(refused.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["missing.jpg", "."])
def test_a_path_without_a_file_is_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="cannot be read"):
        read_image(tmp_path / name)


@pytest.mark.long
def test_an_image_above_pillows_pixel_limit_is_reduced_with_a_warning_that_names_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = zlib.compress((b"\0" + b"\xff" * 1250) * 8800)  # 88 million bits, near Pillow's limit
    (tmp_path / "a.png").write_bytes(png(10_000, 8_800, data).replace(b"\x08\x02\0\0\0", b"\x01\0\0\0\0", 1))
    rewrite_checksum(tmp_path / "a.png")

    image = read_image(tmp_path / "a.png")

    assert MAX_PIXELS * 0.99 < image.shape[0] * image.shape[1] <= MAX_PIXELS
    assert image.min() == 255
    assert "a.png has 10000 x 8800 pixels and is read at 7537 x 6633" in caplog.text


def rewrite_checksum(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:29] + struct.pack(">I", zlib.crc32(data[12:29])) + data[33:])


def test_an_image_wider_than_opencv_can_sample_is_reduced_with_a_warning_that_names_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cv2.imwrite(str(tmp_path / "a.jpg"), np.zeros((600, 32_767, 3), np.uint8))

    assert read_image(tmp_path / "a.jpg").shape == (585, MAX_SIDE_PX, 3)
    assert "a.jpg has 32767 x 600 pixels and is read at 32000 x 585" in caplog.text


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_is_read_as_what_it_shows(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    suffix = f".{name.split(maxsplit=1)[0]}"
    (tmp_path / f"a{suffix}").write_bytes(SAMPLES[name])

    bgr = read_image(tmp_path / f"a{suffix}").astype(int)

    assert suffix in IMAGE_SUFFIXES
    shown = np.rot90(bgr) if name.endswith("turned") else bgr
    assert shown.shape == (48, 64, 3)
    assert shown[3, 3].min() > 230
    assert shown[30, 15, 2] - shown[30, 15, 0] > 200 or "palette" in name or name in ("gif", "pgm")
    assert shown[30, 50].max() < 40
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_every_orientation_is_applied(kind: str, orientation: int, tmp_path: Path) -> None:
    upright = np.zeros((32, 48, 3), np.uint8)
    upright[:16, :16] = 255
    back = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_90", 7: "TRANSVERSE"}
    image = Image.fromarray(upright)
    if orientation > 1:
        image = image.transpose(Image.Transpose[back.get(orientation, "ROTATE_270")])
    exif = Image.Exif()
    exif[0x0112] = orientation
    (tmp_path / "a").write_bytes(image_samples.saved(image, kind, exif=exif, quality=95))

    read = read_image(tmp_path / "a").astype(int)

    assert read.shape == upright.shape
    assert np.abs(read - upright).mean() < 5


def test_metadata_neither_fails_an_image_nor_writes_to_stderr(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = PngInfo()
    text.add_text("Comment", "x" * 3_000_000)
    profile = np.random.default_rng(0).integers(0, 255, 3_000_000, np.uint8).tobytes()
    image = Image.fromarray(image_samples.pattern())
    (tmp_path / "text.png").write_bytes(image_samples.saved(image, "PNG", pnginfo=text))
    (tmp_path / "profile.png").write_bytes(image_samples.saved(image, "PNG", icc_profile=profile))
    (tmp_path / "exif.jpg").write_bytes(image_samples.saved(image, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(40)))
    jpeg = bytearray(SAMPLES["jpg"])
    jpeg[-80:-40] = bytes(40)
    (tmp_path / "pixels.jpg").write_bytes(jpeg)

    assert {read_image(path).shape for path in tmp_path.iterdir()} == {(48, 64, 3)}
    assert capfd.readouterr() == ("", "")


def test_a_progressive_jpeg_with_a_million_scans_is_refused(tmp_path: Path) -> None:
    data = image_samples.saved(Image.new("L", (3000, 2000)), "JPEG", progressive=True)
    at = data.rindex(b"\xff\xda")
    (tmp_path / "a.jpg").write_bytes(data[:at] + data[at:-2] * 1000 + b"\xff\xd9")

    with pytest.raises(ImageError, match="scans"):
        read_image(tmp_path / "a.jpg")


@pytest.mark.parametrize("number", [8, 16, 90, 150, 200])
def test_one_wrong_byte_is_an_image_error_or_no_error(number: int, tmp_path: Path) -> None:
    for name, data in SAMPLES.items():
        damaged = bytearray(data)
        damaged[min(number, len(data) - 1)] ^= 0xFF
        (tmp_path / "a").write_bytes(damaged)
        try:
            read_image(tmp_path / "a")
        except ImageError as error:
            assert str(tmp_path / "a") in str(error), name  # noqa: PT017


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_what_is_not_a_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "endless.jpg").symlink_to("/dev/zero")

    for name, kind in {"pipe.jpg": "pipe", "endless.jpg": "device"}.items():
        with pytest.raises(ImageError, match=rf"{name} cannot be read: it is a {kind}, not a file"):
            read_image(tmp_path / name)


def test_a_file_of_more_than_64_mb_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.bmp").open("wb") as file:
        file.truncate(65 << 20)

    with pytest.raises(ImageError, match="it has more than 64 MB; reduce its size"):
        read_image(tmp_path / "a.bmp")


def test_animations_are_told_from_images(tmp_path: Path) -> None:
    found = set()
    for name, data in SAMPLES.items():
        (tmp_path / "a").write_bytes(data)
        found |= {name} if is_animated(tmp_path / "a") else set()

    assert found == {"png animated", "webp animated", "gif animated"}
    assert not is_animated(tmp_path / "missing")


def test_what_a_folder_holds_besides_images_is_told_by_name(tmp_path: Path) -> None:
    for name in ("b.HEIC", "a.jfif", "c.gif", "film.mp4", ".hidden.jpg", "Thumbs.db", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "2020.jpg").mkdir()

    images, skipped = list_images(tmp_path)

    assert [path.name for path in images] == ["a.jfif", "b.HEIC", "c.gif"]
    assert describe_skipped(tmp_path, skipped).endswith("are read: 2020.jpg/, film.mp4, notes.txt")
    assert describe_skipped(tmp_path, skipped * 3).endswith("film.mp4 and 4 more")


def peak_bytes(*paths: Path) -> int:
    """Return the memory that reading the images takes in a new process, above what it has before."""
    code = """
import resource, sys
import PIL.Image
from facecam.errors import ImageError
from facecam.imageio import read_image
PIL.Image.init()
idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[1:]:
    try:
        read_image(path)
    except ImageError:
        pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle) * (1 if sys.platform == "darwin" else 1024))
"""
    done = subprocess.run([sys.executable, "-c", code, *map(str, paths)], capture_output=True, text=True, check=True, timeout=60)
    return int(done.stdout)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no resource module")
def test_files_that_lie_about_their_size_take_no_memory(tmp_path: Path) -> None:
    bits = zlib.compress((b"\0" + bytes(1500)) * 12_000)
    wide = png(12_000, 12_000, bits).replace(b"\x08\x02\0\0\0", b"\x01\0\0\0\0", 1)
    files = {
        # Pillow does not identify a PNG with a wrong checksum in its metadata, which OpenCV decodes.
        "crc": wide[:29] + struct.pack(">I", zlib.crc32(wide[12:29])) + b"\0\0\0\x09pHYs" + bytes(13) + wide[33:],
        "hdr": cv2.imencode(".hdr", np.zeros((4_000, 4_000, 3), np.float32))[1].tobytes(),
        "length": png(64, 48, b"0", length=0xFFFFFFF0),
        "bmp": b"BM" + bytes(12) + struct.pack("<IiiHH", 40, 30_000, -30_000, 1, 24) + bytes(1000),
        "webp": b"RIFF\0\1\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\xfe\x3f\0\xfe\x3f\0" + bytes(200),
        "gif": b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\0",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)

    assert peak_bytes(*tmp_path.iterdir()) < 100e6


@pytest.mark.skipif(os.name == "nt", reason="Windows has no resource module")
@pytest.mark.parametrize(
    ("size_wh", "options"),
    [
        ((9_000, 12_000), {}),
        pytest.param((10_000, 20_000), {}, marks=pytest.mark.long),
        pytest.param((9_000, 9_000), {"progressive": True}, marks=pytest.mark.long),
    ],
)
def test_a_jpeg_of_up_to_200_million_pixels_is_read_in_bounded_memory(
    size_wh: tuple[int, int], options: dict[str, bool], tmp_path: Path
) -> None:
    Image.new("L", size_wh).save(tmp_path / "a.jpg", **options)

    assert peak_bytes(tmp_path / "a.jpg") < 650e6


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="Windows has no resource module")
@pytest.mark.parametrize(
    ("kind", "mode", "size_wh"),
    [
        ("PNG", "RGB", (11_000, 8_000)),
        ("PNG", "I;16", (7_200, 7_200)),
        ("WEBP", "RGB", (9_000, 9_000)),
        ("TIFF", "RGB", (10_000, 10_000)),
        ("GIF", "P", (10_000, 6_000)),
        ("AVIF", "RGB", (8_000, 6_200)),
    ],
)
def test_large_images_of_other_formats_are_read_in_bounded_memory(
    kind: str, mode: str, size_wh: tuple[int, int], tmp_path: Path
) -> None:
    options = {"TIFF": {"compression": "tiff_deflate"}, "AVIF": {"speed": 10}, "WEBP": {"method": 0}}.get(kind, {})
    Image.new(mode, size_wh).save(tmp_path / "a", kind, **options)

    assert peak_bytes(tmp_path / "a") < 700e6


def test_the_bundled_portraits_can_be_read(portraits: dict[str, Path]) -> None:
    assert {name: read_image(path).shape for name, path in portraits.items()} == {
        "cat": (300, 451, 3),
        "coffee": (400, 600, 3),
        "eileen_collins": (512, 512, 3),
        "grace_hopper": (600, 512, 3),
    }


def test_a_folder_is_no_image_and_the_advice_is_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"cannot be read: it is a folder; name the images in it$"):
        read_image(tmp_path)
