"""Widgets still look like their reviewed golden images. Run with --update-goldens after an intended change."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from facecam.settings import Mode
from facecam.types import Box, DecisionStatus, Label
from facecam.ui.session_controller import SessionController
from facecam.ui.video.video_view import VideoView
from facecam.ui.window.message_bar import MessageBar, Toast
from facecam.ui.window.notices import Notice, NoticeView
from facecam.ui.window.recording import RecordingBadge
from facecam.ui.window.window import Window
from tests.ui.fakes import idle_controller, make_frame, make_sighting, show_result
from tests.ui.golden import check

Check = Callable[[QWidget, str], None]


def settle() -> None:
    """Process layouts and what they queue."""
    for _ in range(3):
        QApplication.processEvents()


@pytest.fixture
def looks_like(request: pytest.FixtureRequest, qtbot: QtBot) -> Check:
    update = bool(request.config.getoption("--update-goldens"))

    def compare(widget: QWidget, name: str) -> None:
        settle()
        check(widget, name, update=update)

    return compare


def gradient() -> np.ndarray:
    """Return an image with dark, light and colored areas."""
    bgr = np.empty((480, 640, 3), np.uint8)
    bgr[..., 0] = np.linspace(20, 250, 640)[np.newaxis, :]
    bgr[..., 1] = np.linspace(230, 30, 480)[:, np.newaxis]
    bgr[..., 2] = 120
    return bgr


def shown(qtbot: QtBot, widget: QWidget, width: int, height: int) -> QWidget:
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    return widget


def test_faces_of_every_status(qtbot: QtBot, looks_like: Check) -> None:
    controller = idle_controller()
    view = shown(qtbot, VideoView(controller), 800, 600)
    names = ["Ann", "Maria Magdalena von Hohenzollern-Sigmaringen", "", "Ben"]
    places = [(40, 100), (220, 260), (420, 90), (500, 300)]
    kinds = [DecisionStatus.KNOWN, DecisionStatus.UNSURE, DecisionStatus.UNKNOWN, DecisionStatus.SKIPPED]
    faces = [
        make_sighting(Box(x, y, 90, 110), kind, name, n)
        for n, ((x, y), kind, name) in enumerate(zip(places, kinds, names, strict=True))
    ]
    show_result(controller, make_frame(gradient()), *faces)
    looks_like(view, "faces")


def test_objects(qtbot: QtBot, looks_like: Check) -> None:
    controller = idle_controller()
    controller.change(Mode.OBJECTS)
    view = shown(qtbot, VideoView(controller), 800, 600)
    labels = (Label("espresso", "n1", 0.82), Label("coffee mug", "n2", 0.11), Label("cup", "n3", 0.02))
    show_result(controller, make_frame(gradient()), labels=labels)
    looks_like(view, "objects")


def test_a_notice_with_buttons(qtbot: QtBot, looks_like: Check) -> None:
    around = shown(qtbot, QWidget(), 760, 420)
    view = NoticeView(around)
    buttons = (("Try again", lambda: None), ("Open the demo", lambda: None))
    lines = ("There is no camera 0; plug one in.", "Cameras on this computer:", "Camera 2: USB camera")
    view.show_notice(Notice("No video", lines, None, buttons))
    looks_like(around, "note")


def test_a_notice_with_progress(qtbot: QtBot, looks_like: Check) -> None:
    around = shown(qtbot, QWidget(), 760, 420)
    view = NoticeView(around)
    view.show_notice(Notice("Reading the photos in your gallery", ("New photos are read once.",), (3, 8), at_bottom=True))
    looks_like(around, "note-progress")


def test_a_toast_and_a_problem(qtbot: QtBot, looks_like: Check) -> None:
    around = shown(qtbot, QWidget(), 760, 300)
    bar, toast = MessageBar(around), Toast(around)
    bar.show_problem("Camera 0 shows only black; open its cover, and see that this program may use it.")
    bar.setGeometry(0, 0, 760, bar.heightForWidth(760))
    toast.show_message("Saved as Pictures/facecam/2026-01-01 10.00.00.png", ("Show folder", lambda: None))
    looks_like(around, "messages")


def test_the_recording_badge(qtbot: QtBot, looks_like: Check) -> None:
    around = shown(qtbot, QWidget(), 300, 80)
    RecordingBadge(around).show_recorded(125.0)
    looks_like(around, "recording")


def test_the_shortcut_sheet(qtbot: QtBot, looks_like: Check, make_window: Callable[[SessionController], Window]) -> None:
    window = make_window(idle_controller())
    window.resize(1000, 760)
    window.keys_overlay.toggle()
    settle()
    looks_like(window.keys_overlay, "keys")
