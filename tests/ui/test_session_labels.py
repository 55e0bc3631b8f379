"""Session labels and markers in the window, with a real session that recognizes the demo and writes a log."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from facecam.logbook.reader import read_log
from facecam.ui.app import make_app
from facecam.ui.session_controller import AppPaths, SessionController
from facecam.ui.session_labels import SessionLabelsPage
from facecam.ui.window.actions import KeyGuard
from facecam.ui.window.pages import LABELS
from facecam.ui.window.window import Window
from tests.ui.fakes import idle_controller

MakeWindow = Callable[[SessionController], Window]


def rows_of(page: SessionLabelsPage) -> list[tuple[str, str]]:
    return [row.texts for row in page._rows]


def fill(page: SessionLabelsPage, row: int, name: str, value: str) -> None:
    page._rows[row].name.setText(name)
    page._rows[row].value.setText(value)


def press(page: SessionLabelsPage, text: str) -> None:
    next(button for button in page.findChildren(QPushButton) if button.text() == text).click()


def shown_text(page: SessionLabelsPage) -> str:
    return " | ".join(label.text() for label in page.findChildren(QLabel) if not label.isHidden())


@pytest.fixture
def page(qtbot: QtBot) -> SessionLabelsPage:
    """The panel of a controller without a session."""
    made = SessionLabelsPage(idle_controller())
    qtbot.addWidget(made)
    made.show()
    return made


def labels_in(log: Path) -> dict[str, str]:
    return dict(json.loads(log.with_suffix(".json").read_text(encoding="utf-8"))["labels"])


def test_the_example_of_a_value_is_shown_for_a_participant_only(page: SessionLabelsPage) -> None:
    assert page._rows[0].value.placeholderText() == "P07"

    fill(page, 0, "condition", "")
    assert page._rows[0].value.placeholderText() == ""


def test_labels_are_written_by_the_next_session(qtbot: QtBot, window: Window, controller: SessionController) -> None:
    qtbot.waitUntil(lambda: controller.log_path is not None)
    first = controller.log_path
    window.app_actions["labels"].trigger()
    opened = window.pages.widget(LABELS)
    assert isinstance(opened, SessionLabelsPage)
    fill(opened, 0, "participant", "P07")
    press(opened, "Add a label")
    fill(opened, 1, "condition", "2")

    press(opened, "Apply")

    assert "This session: no labels\nNext session: participant = P07, condition = 2" in shown_text(opened)
    assert window.toast.text == "The labels apply from the next session on."
    assert labels_in(first) == {}  # type: ignore[arg-type]
    with qtbot.waitSignal(controller.started):
        controller.open("demo")
    qtbot.waitUntil(lambda: controller.log_path is not None)
    second = controller.log_path
    assert second is not None
    assert second != first
    assert labels_in(second) == {"participant": "P07", "condition": "2"}
    assert "This session: participant = P07, condition = 2" in shown_text(opened)
    assert "Next session" not in shown_text(opened)


def test_a_session_starts_with_the_labels_at_once(qtbot: QtBot, window: Window, controller: SessionController) -> None:
    qtbot.waitUntil(lambda: controller.log_path is not None)
    window.app_actions["labels"].trigger()
    opened = window.pages.widget(LABELS)
    assert isinstance(opened, SessionLabelsPage)
    fill(opened, 0, "participant", "P07")

    with qtbot.waitSignal(controller.started):
        press(opened, "Start a new session")

    qtbot.waitUntil(lambda: controller.log_path is not None and controller.log_path.stat().st_size > 3000)
    assert controller.log_path is not None
    assert set(read_log(controller.log_path)["session_labels"]) == {"participant=P07"}


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([("", "P07")], "Enter a name for the value P07."),
        ([("participant", "P07"), ("participant", "P08")], "The name participant is there twice; remove one of the two."),
        ([("7up", "P07")], "begins with a letter"),
        ([("id", "P07")], "is neither id nor labels"),
        ([("participant", "P07; P08")], "without ; and ="),
    ],
)
def test_labels_that_are_not_possible_are_explained(page: SessionLabelsPage, rows: list[tuple[str, str]], problem: str) -> None:
    for number, (name, value) in enumerate(rows):
        if number:
            press(page, "Add a label")
        fill(page, number, name, value)

    press(page, "Apply")

    assert problem in shown_text(page)
    assert page._controller.request.labels == {}


def test_names_are_remembered_without_their_values(qtbot: QtBot, page: SessionLabelsPage) -> None:
    fill(page, 0, "participant", "P07")
    press(page, "Add a label")
    fill(page, 1, "condition", "")
    press(page, "Apply")
    assert page._controller.request.labels == {"participant": "P07"}

    again, other = SessionLabelsPage(page._controller), SessionLabelsPage(idle_controller())
    for made in (again, other):
        qtbot.addWidget(made)

    assert rows_of(again) == [("participant", "P07"), ("condition", "")]
    assert rows_of(other) == [("participant", ""), ("condition", "")]


def test_one_remembered_name_is_one_row(qtbot: QtBot, page: SessionLabelsPage) -> None:
    fill(page, 0, "participant", "P07")
    press(page, "Apply")

    other = SessionLabelsPage(idle_controller())
    qtbot.addWidget(other)

    assert rows_of(other) == [("participant", "")]


def test_typed_names_become_lower_case(qtbot: QtBot, page: SessionLabelsPage) -> None:
    qtbot.keyClicks(page._rows[0].name, "Test Person")

    assert page._rows[0].name.text() == "test_person"


def test_a_label_is_removed(page: SessionLabelsPage) -> None:
    fill(page, 0, "participant", "P07")
    press(page, "Add a label")
    fill(page, 1, "condition", "2")

    page._rows[0].remove.click()
    press(page, "Apply")

    assert page._controller.request.labels == {"condition": "2"}


def markers_in(log: Path) -> pd.DataFrame:
    found = read_log(log)
    return found[found.event == "marker"]


def test_a_marker_has_the_time_of_the_key_and_not_of_the_text(
    qtbot: QtBot, window: Window, controller: SessionController
) -> None:
    def media_ms() -> float:
        return controller.results[0][0].t_ms if controller.results else 0.0

    qtbot.waitUntil(lambda: media_ms() > 300)
    window.video.setFocus()
    before_ms = media_ms()
    qtbot.keyClick(window.video, Qt.Key.Key_N)
    after_ms = media_ms()
    field = window.marker_line.field
    assert field.isVisible()
    qtbot.keyClicks(field, "stimulus 1, now")
    qtbot.waitUntil(lambda: media_ms() > after_ms + 1000)

    qtbot.keyClick(field, Qt.Key.Key_Return)

    assert window.toast.text == "Marker added: stimulus 1, now"
    assert window.marker_line.isHidden()
    path = controller.log_path
    assert path is not None
    qtbot.waitUntil(lambda: len(markers_in(path)) == 1)
    marker = markers_in(path).iloc[0]
    assert marker.marker == "stimulus 1, now"
    assert round(before_ms, 3) <= marker.t_ms < after_ms + 1000


def test_the_last_markers_can_be_repeated_with_one_click(qtbot: QtBot, window: Window, controller: SessionController) -> None:
    qtbot.waitUntil(lambda: controller.log_path is not None)
    for text in ("begin", "end", "begin"):
        window.app_actions["mark"].trigger()
        window.marker_line.field.setText(text)
        qtbot.keyClick(window.marker_line.field, Qt.Key.Key_Return)
    window.app_actions["mark"].trigger()
    buttons = [button for button in window.marker_line.findChildren(QPushButton) if button.text().startswith("&")]
    assert [button.text() for button in buttons if not button.isHidden()] == ["&1 begin", "&2 end"]

    buttons[-1].click()

    path = controller.log_path
    assert path is not None
    qtbot.waitUntil(lambda: list(markers_in(path).marker) == ["begin", "end", "begin", "end"])


def test_the_marker_key_types_a_letter_in_a_text_field(qtbot: QtBot, window: Window) -> None:
    guard = KeyGuard(window)
    make_app().installEventFilter(guard)
    try:
        field = QLineEdit(window)
        field.show()
        window.activateWindow()
        field.setFocus()
        qtbot.keyClicks(field, "nine")

        assert field.text() == "nine"
        assert window.marker_line.isHidden()
        window.app_actions["mark"].trigger()
        qtbot.keyClicks(window.marker_line.field, "next")
        assert window.marker_line.field.text() == "next"
    finally:
        make_app().removeEventFilter(guard)


def test_escape_closes_the_marker_line_and_nothing_is_added(qtbot: QtBot, window: Window, controller: SessionController) -> None:
    qtbot.waitUntil(lambda: controller.log_path is not None)
    window.app_actions["mark"].trigger()
    window.marker_line.field.setText("begin")

    qtbot.keyClick(window.marker_line.field, Qt.Key.Key_Escape)

    assert window.marker_line.isHidden()
    assert controller.stop()
    assert controller.log_path is not None
    assert markers_in(controller.log_path).empty


def test_a_marker_line_does_not_outlive_its_session(qtbot: QtBot, window: Window, controller: SessionController) -> None:
    window.app_actions["mark"].trigger()
    assert window.marker_line.isVisible()

    with qtbot.waitSignal(controller.started):
        controller.open("demo")

    assert window.marker_line.isHidden()


@pytest.mark.parametrize(("has_log", "text"), [(False, "No log is being written, so"), (True, "No session is running, so")])
def test_a_marker_that_has_no_place_is_refused(make_window: MakeWindow, tmp_path: Path, has_log: bool, text: str) -> None:
    fake = idle_controller()
    fake.paths = AppPaths(None, tmp_path if has_log else None, None)
    window = make_window(fake)

    window.app_actions["mark"].trigger()

    assert window.toast.text.startswith(text)
    assert window.marker_line.isHidden()
