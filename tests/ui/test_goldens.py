"""What was looked at and found good looks so still. `pytest tests/ui/test_goldens.py --update-goldens` after a wanted change."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from facecam.types import Box, DecisionStatus, Label
from facecam.ui.session_controller import SessionController
from facecam.ui.video.video_view import VideoView
from facecam.ui.window.message_bar import MessageBar, Toast
from facecam.ui.window.notices import Note, NoteView
from facecam.ui.window.recording import RecordingBadge
from facecam.ui.window.window import Window
from tests.ui.faked import frame_of, idle_live, show, sighting
from tests.ui.golden import check

Check = Callable[[QWidget, str], None]


@pytest.fixture
def looks_like(request: pytest.FixtureRequest, qtbot: QtBot) -> Check:
    update = bool(request.config.getoption("--update-goldens"))

    def look(widget: QWidget, name: str) -> None:
        qtbot.wait(60)
        check(widget, name, update=update)

    return look


def gradient() -> np.ndarray:
    """A picture with dark, light and colored places."""
    bgr = np.empty((480, 640, 3), np.uint8)
    bgr[..., 0] = np.linspace(20, 250, 640)[np.newaxis, :]
    bgr[..., 1] = np.linspace(230, 30, 480)[:, np.newaxis]
    bgr[..., 2] = 120
    return bgr


def shown(qtbot: QtBot, widget: QWidget, wide: int, high: int) -> QWidget:
    qtbot.addWidget(widget)
    widget.resize(wide, high)
    widget.show()
    return widget


def test_the_four_kinds_of_faces(qtbot: QtBot, looks_like: Check) -> None:
    live = idle_live()
    view = shown(qtbot, VideoView(live), 800, 600)
    names = ["Ann", "Maria Magdalena von Hohenzollern-Sigmaringen", "", "Ben"]
    places = [(40, 100), (220, 260), (420, 90), (500, 300)]
    kinds = [DecisionStatus.KNOWN, DecisionStatus.UNSURE, DecisionStatus.UNKNOWN, DecisionStatus.SKIPPED]
    faces = [
        sighting(Box(x, y, 90, 110), kind, name, n)
        for n, ((x, y), kind, name) in enumerate(zip(places, kinds, names, strict=True))
    ]
    show(live, frame_of(gradient()), *faces)
    looks_like(view, "faces")


def test_objects(qtbot: QtBot, looks_like: Check) -> None:
    live = idle_live()
    view = shown(qtbot, VideoView(live), 800, 600)
    labels = (Label("espresso", "n1", 0.82), Label("coffee mug", "n2", 0.11), Label("cup", "n3", 0.02))
    show(live, frame_of(gradient()), labels=labels)
    looks_like(view, "objects")


def test_a_note_with_buttons(qtbot: QtBot, looks_like: Check) -> None:
    around = shown(qtbot, QWidget(), 760, 420)
    note = NoteView(around)
    offers = (("Try again", lambda: None), ("See the demo", lambda: None))
    lines = ("There is no camera 0; plug one in.", "Cameras on this machine:", "Camera 2: USB camera")
    note.show_note(Note("There is no picture", lines, None, offers))
    looks_like(around, "note")


def test_a_note_with_progress(qtbot: QtBot, looks_like: Check) -> None:
    around = shown(qtbot, QWidget(), 760, 420)
    note = NoteView(around)
    note.show_note(Note("Preparing the networks", ("Only once on this machine.",), (3, 8), low=True))
    looks_like(around, "note-progress")


def test_news_and_trouble(qtbot: QtBot, looks_like: Check) -> None:
    around = shown(qtbot, QWidget(), 760, 300)
    bar, toast = MessageBar(around), Toast(around)
    bar.complain("Camera 0 shows only black; open its cover, and see that this program may use it.")
    bar.setGeometry(0, 0, 760, bar.heightForWidth(760))
    toast.say("Saved as Pictures/facecam/2026-01-01 10.00.00.png", ("Show folder", lambda: None))
    looks_like(around, "messages")


def test_the_red_dot(qtbot: QtBot, looks_like: Check) -> None:
    around = shown(qtbot, QWidget(), 300, 80)
    RecordingBadge(around).tell(125.0)
    looks_like(around, "recording")


def test_the_keys(qtbot: QtBot, looks_like: Check, make_window: Callable[[SessionController], Window]) -> None:
    window = make_window(idle_live())
    window.resize(1000, 760)
    window.keys.turn()
    qtbot.wait(100)
    looks_like(window.keys, "keys")
