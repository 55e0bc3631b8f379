"""Small pictures of photos: upright, never larger than asked for, and read beside the window's thread."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from facecam.ui import background as module
from facecam.ui.background import Thumbnails, read_small


@pytest.fixture
def shown(qtbot: QtBot) -> Thumbnails:
    return Thumbnails(100)


def half_red(path: Path, size_wh: tuple[int, int], **save: object) -> Path:
    """A picture whose left half is red."""
    picture = Image.new("RGB", size_wh, "white")
    picture.paste("red", (0, 0, size_wh[0] // 2, size_wh[1]))
    picture.save(path, **save)
    return path


def test_a_picture_comes_a_little_later_and_is_there_the_next_time(
    shown: Thumbnails, portraits: dict[str, Path], qtbot: QtBot
) -> None:
    assert shown.pixmap(portraits["cat"]) is None

    with qtbot.waitSignal(shown.ready):
        pass

    pixmap = shown.pixmap(portraits["cat"])
    assert pixmap is not None
    assert max(pixmap.width(), pixmap.height()) == 100


def test_a_photo_that_was_taken_upright_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter to the right when shown

    image = read_small(half_red(tmp_path / "turned.jpg", (400, 200), exif=exif), 100)

    assert (image.width(), image.height()) == (50, 100)
    assert image.pixelColor(25, 10).green() < 80
    assert image.pixelColor(25, 90).green() > 200


def test_a_small_picture_is_not_made_larger(tmp_path: Path) -> None:
    image = read_small(half_red(tmp_path / "small.png", (40, 20)), 100)

    assert (image.width(), image.height()) == (40, 20)


def test_what_qt_cannot_read_is_read_as_everywhere_else(tmp_path: Path) -> None:
    deep = np.full((300, 600, 3), 40_000, np.uint16)
    cv2.imwrite(str(tmp_path / "deep.tif"), deep)

    image = read_small(tmp_path / "deep.tif", 100)

    assert (image.width(), image.height()) == (100, 50)


def test_what_is_no_picture_is_an_empty_one(shown: Thumbnails, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "none.jpg").write_bytes(b"no picture")
    with qtbot.waitSignal(shown.ready):
        shown.pixmap(tmp_path / "none.jpg")

    pixmap = shown.pixmap(tmp_path / "none.jpg")

    assert pixmap is not None
    assert pixmap.isNull()


def test_the_thread_ends_when_there_is_nothing_left(shown: Thumbnails, portraits: dict[str, Path], qtbot: QtBot) -> None:
    for path in portraits.values():
        shown.pixmap(path)

    qtbot.waitUntil(lambda: all(shown.pixmap(path) is not None for path in portraits.values()))

    qtbot.waitUntil(lambda: not any(thread.name == "thumbnails" for thread in threading.enumerate()))


def test_only_so_many_are_kept(shown: Thumbnails, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    paths = [half_red(tmp_path / f"{number}.png", (8, 8)) for number in range(6)]

    for path in paths:
        with qtbot.waitSignal(shown.ready):
            shown.pixmap(path)

    assert [path in shown._kept for path in paths] == [False] * 3 + [True] * 3
