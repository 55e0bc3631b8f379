"""Unknown visitors of a clip with cuts, in the window: one card each, named by one click, and nothing of them on disk."""

from __future__ import annotations

import itertools
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from facecam.capture.source import frames, open_source
from facecam.settings import Settings
from facecam.types import Floats, Image
from facecam.ui.name_field import NameField
from facecam.ui.people_panel import PeoplePanel
from facecam.ui.person_card import ROW, PeopleRow
from facecam.ui.window.window import Window
from tests.stored_traces import IMAGE_MARKERS, encodings, traces
from tests.ui.conftest import MakeController, MakeWindow

CLIPS = {
    "A": "webcam/help.mkv",
    "B": "webcam/please.mkv",
    "C": "webcam/learn.mkv",
    "D": "webcam/night.mkv",
    "E": "presence/noface_face.mov",
}
FIRST_FRAME = {"E": 95}
"""Before this frame the clip has no face."""

ORDER = "ABCDEACBEDA"
"""Ten cuts between five people."""

SEGMENT_FRAMES = 28
FPS = 20.0
"""Less than the clips' rate: a busy machine then recognizes enough frames."""

CLIP_MS = 120_000


def images_of(clip: Path) -> list[Image]:
    """Return the frames of a clip at 640x480."""
    with open_source(str(clip), Settings().capture, time.monotonic()) as source:
        images = [frame.bgr for frame in frames(source)]
    height, width = images[0].shape[:2]
    left = (width - height * 4 // 3) // 2
    return [np.asarray(cv2.resize(image[:, left : width - left], (640, 480)), np.uint8) for image in images]


@pytest.fixture(scope="module")
def clip(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of five people with ten cuts; a person who is back is seen in another part of the clip, if that is long enough."""
    images = {person: images_of(test_data / "data" / name)[FIRST_FRAME.get(person, 0) :] for person, name in CLIPS.items()}
    starts = {person: itertools.cycle(range(0, len(images[person]) - SEGMENT_FRAMES, 14)) for person in CLIPS}
    path = tmp_path_factory.mktemp("clip") / "five.mp4"
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), FPS, (640, 480))
    for person in ORDER:
        start = next(starts[person])
        for image in images[person][start : start + SEGMENT_FRAMES]:
            writer.write(image)
    writer.release()
    return path


def cards(window: Window) -> dict[str, list[str]]:
    """Return the titles of the cards in the people panel under their headings."""
    panel = window.findChild(PeoplePanel)
    assert panel is not None
    found: dict[str, list[str]] = {}
    for number in range(panel.count()):
        row: PeopleRow = panel.item(number).data(ROW)
        if row.visitor is None and row.title:
            found[row.title] = []
        elif row.visitor is not None:
            found[list(found)[-1]].append(row.title)
    return found


def choose_in_menu(qtbot: QtBot, window: Window, title: str, entry: str) -> None:
    """Click the card of this title and choose an entry of its menu."""
    panel = window.findChild(PeoplePanel)
    assert panel is not None
    (item,) = panel.findItems(title, Qt.MatchFlag.MatchExactly)
    panel.scrollToItem(item)
    qtbot.mouseClick(panel.viewport(), Qt.MouseButton.LeftButton, pos=panel.visualItemRect(item).center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    next(action for action in menu.actions() if action.text().replace("&", "") == entry).trigger()
    menu.close()


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that has everything that facecam writes: home, settings, data, cache and temporary files, logs, videos."""
    for name in ("home", "tmp", "cache"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("FACECAM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "int8", "base64 float32", "base64 int8", "text", "JPEG"])
def test_the_scan_finds_what_is_on_disk(tmp_path: Path, kind: str) -> None:
    embedding = np.random.default_rng(1).normal(size=128).astype(np.float32)
    embedding /= np.linalg.norm(embedding)
    forms = dict(encodings(embedding)) | {"JPEG": IMAGE_MARKERS["JPEG"]}
    assert traces(tmp_path, [embedding]) == []

    (tmp_path / "file").write_bytes(b"xyz" + forms[kind] + b"more")

    assert any(kind.removeprefix("base64 ") in trace for trace in traces(tmp_path, [embedding]))


def test_five_unknown_faces_with_ten_cuts_are_five_visitors_and_leave_nothing_on_disk(
    qtbot: QtBot, written: Path, gallery: Path, clip: Path, make_controller: MakeController, make_window: MakeWindow
) -> None:
    enrolled = [path for path in gallery.rglob("*") if path.is_file()]
    controller = make_controller(str(clip))
    window = make_window(controller)
    embeddings: list[Floats] = []
    tracks: set[int] = set()

    def remember(slot: int) -> None:
        sightings = controller.results[slot][1].sightings
        embeddings.extend(sighting.embedding for sighting in sightings if sighting.embedding is not None)
        tracks.update(sighting.track_decision.track_id for sighting in sightings)

    controller.recognized.connect(remember)
    with qtbot.waitSignal(controller.ended, timeout=CLIP_MS):
        controller.start()

    assert len(tracks) >= 10
    qtbot.waitUntil(lambda: cards(window)["Present now"] == [])
    found = cards(window)
    assert sorted(found["Unknown visitors"]) == [f"Visitor {number}" for number in range(1, 6)]
    assert list(found) == ["Present now", "Unknown visitors"]
    window.close()
    assert controller.stop()
    assert controller.log_path is not None
    assert controller.log_path.is_file()
    assert len(embeddings) > 50
    assert traces(written, embeddings, enrolled) == []


def test_a_visitor_named_by_a_click_has_all_visits_and_the_name_later(
    qtbot: QtBot, gallery: Path, clip: Path, make_controller: MakeController, make_window: MakeWindow
) -> None:
    controller = make_controller(str(clip))
    window = make_window(controller)
    named_tracks: set[int] = set()

    def pause_at_third_person() -> None:
        if len(controller.visitor_tracker.visitors) >= 3:
            controller.pause(True)

    controller.visitors_changed.connect(pause_at_third_person)
    controller.start()
    qtbot.waitUntil(lambda: controller.is_paused)
    controller.visitors_changed.disconnect(pause_at_third_person)

    choose_in_menu(qtbot, window, "Visitor 1", "Name this person…")
    field = window.findChild(NameField)
    assert field is not None
    qtbot.keyClicks(field.edit, "Ada")
    field.form.consent.box.setChecked(True)
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    qtbot.waitUntil((gallery / "Ada").is_dir)
    qtbot.waitUntil(lambda: "Ada" in itertools.chain.from_iterable(cards(window).values()))
    assert "Visitor 1" not in itertools.chain.from_iterable(cards(window).values())

    def remember(slot: int) -> None:
        decisions = [sighting.track_decision for sighting in controller.results[slot][1].sightings]
        named_tracks.update(each.track_id for each in decisions if each.decision.name == "Ada")

    controller.recognized.connect(remember)
    with qtbot.waitSignal(controller.ended, timeout=CLIP_MS):
        controller.pause(False)

    found = cards(window)
    assert found["Present earlier"] == ["Ada"]
    assert sorted(found["Unknown visitors"]) == [f"Visitor {number}" for number in range(2, 6)]
    assert len(named_tracks) >= 2
    (ada,) = (visitor for visitor in controller.visitor_tracker.visitors if visitor.name == "Ada")
    assert ada.first_seen_s == min(visitor.first_seen_s for visitor in controller.visitor_tracker.visitors)
