"""Thumbnails: orientation, size limits, caching and background loading."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from facecam.ui import background as module
from facecam.ui.background import Thumbnails, read_thumbnail


@pytest.fixture
def thumbnails(qtbot: QtBot) -> Thumbnails:
    return Thumbnails(100)


def half_red(path: Path, size_wh: tuple[int, int], **save: object) -> Path:
    """Save an image whose left half is red."""
    image = Image.new("RGB", size_wh, "white")
    image.paste("red", (0, 0, size_wh[0] // 2, size_wh[1]))
    image.save(path, **save)
    return path


def test_a_thumbnail_arrives_later_and_is_then_cached(thumbnails: Thumbnails, portraits: dict[str, Path], qtbot: QtBot) -> None:
    assert thumbnails.pixmap(portraits["cat"]) is None

    with qtbot.waitSignal(thumbnails.ready):
        pass

    pixmap = thumbnails.pixmap(portraits["cat"])
    assert pixmap is not None
    assert max(pixmap.width(), pixmap.height()) == 100


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated 90 degrees clockwise for display

    image = read_thumbnail(half_red(tmp_path / "turned.jpg", (400, 200), exif=exif), 100)

    assert (image.width(), image.height()) == (50, 100)
    assert image.pixelColor(25, 10).green() < 80
    assert image.pixelColor(25, 90).green() > 200


def test_a_small_photo_is_not_enlarged(tmp_path: Path) -> None:
    image = read_thumbnail(half_red(tmp_path / "small.png", (40, 20)), 100)

    assert (image.width(), image.height()) == (40, 20)


def test_formats_unknown_to_qt_are_read_by_imageio(tmp_path: Path) -> None:
    deep = np.full((300, 600, 3), 40_000, np.uint16)
    cv2.imwrite(str(tmp_path / "deep.tif"), deep)

    image = read_thumbnail(tmp_path / "deep.tif", 100)

    assert (image.width(), image.height()) == (100, 50)


def test_an_unreadable_photo_gives_a_null_pixmap(thumbnails: Thumbnails, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "none.jpg").write_bytes(b"not an image")
    with qtbot.waitSignal(thumbnails.ready):
        thumbnails.pixmap(tmp_path / "none.jpg")

    pixmap = thumbnails.pixmap(tmp_path / "none.jpg")

    assert pixmap is not None
    assert pixmap.isNull()


def test_the_thread_ends_when_all_photos_are_read(thumbnails: Thumbnails, portraits: dict[str, Path], qtbot: QtBot) -> None:
    for path in portraits.values():
        thumbnails.pixmap(path)

    qtbot.waitUntil(lambda: all(thumbnails.pixmap(path) is not None for path in portraits.values()))

    qtbot.waitUntil(lambda: not any(thread.name == "window work" for thread in threading.enumerate()))


def test_photos_requested_while_others_are_read_arrive_too(
    thumbnails: Thumbnails, portraits: dict[str, Path], tmp_path: Path, qtbot: QtBot
) -> None:
    later = [half_red(tmp_path / f"{number}.png", (8, 8)) for number in range(20)]
    thumbnails.ready.connect(lambda: later and thumbnails.pixmap(later.pop()))

    thumbnails.pixmap(portraits["cat"])

    qtbot.waitUntil(lambda: not later and all(thumbnails.pixmap(path) for path in tmp_path.glob("*.png")))


def test_the_cache_is_bounded(thumbnails: Thumbnails, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PHOTOS", 3)
    paths = [half_red(tmp_path / f"{number}.png", (8, 8)) for number in range(6)]

    for path in paths:
        with qtbot.waitSignal(thumbnails.ready):
            thumbnails.pixmap(path)

    assert [path in thumbnails._cache for path in paths] == [False] * 3 + [True] * 3
