"""Images of every kind from arrays and files."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from facecam.errors import ImageError
from facecam.imageio import MAX_PIXELS, read_image, to_bgr8, write_image

SIDEWAYS = 6


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
    with pytest.raises(ImageError, match="float32"):
        read_image(saved(tmp_path / "a.tiff", np.random.default_rng(0).random((9, 9, 3), np.float32)))


def huge_png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 20_000, MAX_PIXELS // 20_000 + 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")


def torn(suffix: str, share: float) -> bytes:
    data = cv2.imencode(suffix, np.random.default_rng(0).integers(0, 255, (99, 99, 3), np.uint8))[1].tobytes()
    return data[: int(len(data) * share)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"not an image at all", "could not be decoded as an image"),
        (torn(".png", 0.5), "damaged"),
        (torn(".png", 0.001), "could not be decoded as an image"),
        (torn(".jpg", 0.01), "damaged"),
        (huge_png(), "128 million pixels"),
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


def test_an_image_above_pillows_pixel_limit_gives_no_warning(tmp_path: Path) -> None:
    wide = Image.new("1", (10_000, 9_000))  # 90 million, between Pillow's limit and ours
    data = io.BytesIO()
    wide.save(data, "PNG")
    (tmp_path / "a.png").write_bytes(data.getvalue())

    assert read_image(tmp_path / "a.png").shape == (9_000, 10_000, 3)


def test_the_bundled_portraits_can_be_read(portraits: dict[str, Path]) -> None:
    assert {name: read_image(path).shape for name, path in portraits.items()} == {
        "cat": (300, 451, 3),
        "coffee": (400, 600, 3),
        "eileen_collins": (512, 512, 3),
        "grace_hopper": (600, 512, 3),
    }
