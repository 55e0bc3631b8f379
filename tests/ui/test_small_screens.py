"""Small screens: the window, its pages and its messages from 1024x600 up, in German and with text of double size."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from facecam.diagnostics import connections
from facecam.session.status import SessionStatus, SourceState, SourceStatus
from facecam.ui.app import make_app
from facecam.ui.gallery.views import DropList, PersonHeader
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import ElidedLabel
from facecam.ui.window.pages import GALLERY, PAGES, PageSpec
from facecam.ui.window.window import Window
from tests.ui.fakes import idle_controller
from tests.ui.virtual_display import VirtualDisplay

SMALLEST_WH = 1024, 600
QUESTION = "Das Gesicht ähnelt Adam Andersson, der schon eingelernt ist. Ist es wirklich Eva, eine andere Person?"
ANSWERS = "Ja, das ist Eva", "Nein, es ist Adam Andersson"


@pytest.fixture(params=[("en", 1.0), ("de", 1.0), ("de", 2.0)], ids=["english", "german", "german-twice-the-text"])
def small(
    request: pytest.FixtureRequest, qapp: QApplication, make_window: Callable[[SessionController], Window]
) -> Iterator[Window]:
    """A window of the smallest size without a session, in a language and with a text size."""
    language, scale = request.param
    before = QFont(qapp.font())
    larger = QFont(before)
    larger.setPointSizeF(before.pointSizeF() * scale)
    make_app(language)
    qapp.setFont(larger)
    window = make_window(idle_controller("demo"))
    window.resize(*SMALLEST_WH)
    QApplication.processEvents()
    yield window
    make_app("en")
    window.close()
    qapp.setFont(before)


def overfull(window: Window) -> list[str]:
    """Return the texts that do not fit into their visible labels and buttons."""
    labels = [label for label in window.findChildren(QLabel) if label.isVisible() and label.text()]
    cut = [label.text() for label in labels if label.hasHeightForWidth() and label.heightForWidth(label.width()) > label.height()]
    buttons = [button for button in window.findChildren(QAbstractButton) if button.isVisible() and button.text()]
    return cut + [button.text() for button in buttons if button.minimumSizeHint().width() > button.width()]


def test_every_button_of_the_toolbar_is_visible(small: Window) -> None:
    buttons = [small.toolbar.widgetForAction(action) for action in small.toolbar.actions() if not action.isSeparator()]

    assert all(button.isVisible() for button in buttons)
    assert all(isinstance(button, QToolButton) and button.toolTip() for button in buttons)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.id)
def test_pages_fit_and_no_text_is_cut(qtbot: QtBot, small: Window, page: PageSpec) -> None:
    small.pages.open(page.id)

    qtbot.waitUntil(lambda: overfull(small) == [])
    assert (small.width(), small.height()) == SMALLEST_WH
    assert small.minimumSizeHint().width() <= SMALLEST_WH[0]
    assert small.minimumSizeHint().height() <= SMALLEST_WH[1]


def test_all_buttons_of_a_person_are_whole_at_twice_the_text(
    qtbot: QtBot, qapp: QApplication, make_window: Callable[[SessionController], Window], controller: SessionController
) -> None:
    before = QFont(qapp.font())
    larger = QFont(before)
    larger.setPointSizeF(before.pointSizeF() * 2)
    qapp.setFont(larger)
    try:
        window = make_window(controller)
        window.resize(*SMALLEST_WH)
        page = window.pages.open(GALLERY)
        assert page is not None
        qtbot.waitUntil(lambda: any(header.isVisible() for header in page.findChildren(PersonHeader)))
        (header,) = page.findChildren(PersonHeader)
        qtbot.waitUntil(lambda: all(header.rect().contains(button.geometry()) for button in header.findChildren(QPushButton)))
        qtbot.waitUntil(lambda: all(view.height() > 100 for view in page.findChildren(DropList) if view.isVisible()))
        window.close()
    finally:
        qapp.setFont(before)


def test_all_lines_above_the_video_fit_together(small: Window) -> None:
    small.messages.show_problem(QUESTION)
    small.suggestion.show_message(QUESTION, *((answer, lambda: None) for answer in ANSWERS))
    small.address.open()
    small.marker_line.open()
    small.status.show_heatmap(on=True, loading=True)
    QApplication.processEvents()

    assert (small.width(), small.height()) == SMALLEST_WH
    assert overfull(small) == []


def test_the_status_bar_of_a_session_with_connections_makes_the_window_no_wider(
    small: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "IS_SUPPORTED", False)
    addresses = "rtsp://camera-in-the-entrance-hall.example/stream", "http://[2001:db8:85a3::8a2e:370:7334]/video"
    sources = tuple(SourceStatus(address, SourceState.RUNNING, frames=1, fps=14.5, dropped=4321) for address in addresses)
    small.controller.status = SessionStatus(SourceState.RUNNING, "", sources)
    small.status._network_due_s = 0.0

    small.status.refresh()
    QApplication.processEvents()

    assert (small.width(), small.height()) == SMALLEST_WH
    assert small.minimumSizeHint().width() <= SMALLEST_WH[0]
    network = small.status.network
    assert "camera-in-the-entrance-hall.example, 2001:db8:85a3::8a2e:370:7334" in network.accessibleName()
    assert network.toolTip().startswith(network.accessibleName())


@pytest.mark.parametrize("page", ["", "studio", "gallery"])
def test_a_toast_shows_its_whole_text_and_its_buttons(small: Window, page: str) -> None:
    if page:
        small.pages.open(page)
    small.toast.show_message(QUESTION, *((answer, lambda: None) for answer in ANSWERS))
    QApplication.processEvents()

    assert overfull(small) == []
    assert small.middle.rect().contains(small.toast.geometry())
    inside = small.toast.rect()
    buttons = small.toast.findChildren(QPushButton)
    assert {button.text() for button in buttons} == set(ANSWERS)
    for button in buttons:
        assert inside.contains(button.geometry().translated(button.parentWidget().pos()))


@pytest.mark.skipif(os.name == "nt", reason="there is no Xvfb")
@pytest.mark.parametrize("size_wh", [(1024, 600), (1280, 720), (1366, 768)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_first_window_fits_the_screen_with_room_for_a_title_bar(tmp_path: Path, size_wh: tuple[int, int]) -> None:
    with VirtualDisplay(tmp_path, size_wh) as display:
        display.start("--source", "demo", "--log", "logs")
        width, height = map(int, re.findall(r"(\d+)x(\d+)", display.geometry())[0])

        assert 1000 <= width <= size_wh[0]
        assert 540 <= height <= size_wh[1] - 40


def test_a_text_that_is_too_long_is_elided_again_when_the_text_size_changes(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("please.mkv: ended")
    label.resize(label.fontMetrics().horizontalAdvance("please.mkv: ended") + 20, 30)
    label.show()
    assert label.text() == "please.mkv: ended"

    font = label.font()
    font.setPointSizeF(2 * font.pointSizeF())
    label.setFont(font)

    assert label.text().endswith("…")
    assert label.accessibleName() == "please.mkv: ended"


def test_the_source_picker_is_whole_next_to_all_buttons(small: Window) -> None:
    picker = small.sources.picker

    assert small.toolbar.rect().contains(picker.geometry())
    assert picker.width() >= picker.minimumSizeHint().width()
