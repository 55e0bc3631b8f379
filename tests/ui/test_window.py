"""Main window: actions, remembered state, messages and pages."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDropEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QListView, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from facecam.session.status import SessionStatus, SourceState
from facecam.settings import Mode
from facecam.types import Box
from facecam.ui.app import make_app
from facecam.ui.session_controller import AppPaths, SessionController
from facecam.ui.window import pages
from facecam.ui.window.actions import KeyGuard
from facecam.ui.window.menus import mnemonic, plain_text
from facecam.ui.window.pages import PAGES, PEOPLE, WHY, PageLocation, PageSpec
from facecam.ui.window.window import Window
from tests.ui.fakes import idle_controller, make_frame, make_sighting, show_result

MakeWindow = Callable[[SessionController], Window]


@pytest.fixture
def fake(qtbot: QtBot) -> SessionController:
    return idle_controller()


@pytest.fixture
def idle(make_window: MakeWindow, fake: SessionController) -> Window:
    """A window without a session."""
    return make_window(fake)


def test_the_demo_is_recognized_in_the_window(qtbot: QtBot, window: Window, controller: SessionController) -> None:
    qtbot.waitUntil(lambda: any(mark.title == "Eileen Collins" for mark in window.video.visible_faces()))

    assert window.video.snapshot() is not None
    window.status.refresh()
    assert "demo" in window.status.source.text()
    assert window.status.faces.text() in ("Faces: 1", "Faces: 2")
    assert controller.log_path is not None


def test_no_two_actions_share_a_key(idle: Window) -> None:
    keys = [key.toString() for action in idle.app_actions for key in action.shortcuts()]

    assert len(keys) == len(set(keys))


def test_every_action_and_page_is_in_a_menu(idle: Window) -> None:
    in_menus = {action.objectName() for menu in idle.menus.values() for action in menu.actions()}
    pages_in_menus = {page.id for page in PAGES if page.in_menu} | {"labels", "explain"}

    assert {spec.id for spec in idle.app_actions.specs} | pages_in_menus <= in_menus


def test_actions_have_keys_except_rare_ones(idle: Window) -> None:
    keyless = {spec.id for spec in idle.app_actions.specs if not spec.keys}

    assert keyless == {"demo", "report", "log_folder", "explain"}


def test_the_menus_have_the_usual_order(idle: Window) -> None:
    titles = [plain_text(action.text()) for action in idle.menuBar().actions()]

    assert titles == ["File", "Source", "View", "People", "Objects", "Tools", "Help"]


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_mnemonic_is_twice_in_a_menu(make_window: MakeWindow, language: str) -> None:
    make_app(language)
    try:
        window = make_window(idle_controller())
        for menu in (*window.menus.values(), window.sources.picker.menu()):
            menu.aboutToShow.emit()
            letters = [mnemonic(action.text()) for action in menu.actions() if action.objectName()]

            assert all(letters), [action.text() for action in menu.actions()]
            letters = [mnemonic(action.text()) for action in menu.actions() if mnemonic(action.text())]
            assert len(letters) == len(set(letters)), [action.text() for action in menu.actions()]
    finally:
        make_app("en")


def test_why_explains_the_largest_face_from_the_menu(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(window.video.visible_faces()))
    window.app_actions["explain"].trigger()

    assert window.pages.is_open(WHY)


def test_why_without_a_face_says_what_to_do(idle: Window) -> None:
    idle.app_actions["explain"].trigger()

    assert "Choose a face in the video" in idle.toast.text


def test_the_report_can_be_opened_only_while_there_is_a_log(qtbot: QtBot, idle: Window, window: Window) -> None:
    assert not idle.app_actions["report"].isEnabled()
    qtbot.waitUntil(window.app_actions["report"].isEnabled)


def test_every_control_has_a_name_for_a_screen_reader(idle: Window) -> None:
    nameless = [
        (type(widget).__name__, widget.objectName())
        for widget in idle.findChildren(QAbstractButton)
        if not (widget.accessibleName() or widget.text() or widget.toolTip()) and not isinstance(widget.parent(), QLineEdit)
    ]
    assert [name for name in nameless if not name[1].startswith("qt_")] == []
    for named in (idle.video, idle.status, idle.messages, idle.toast, idle.keys_overlay):
        assert named.accessibleName()


def test_mode_actions_and_requests_follow_each_other(qtbot: QtBot, idle: Window, fake: SessionController) -> None:
    assert idle.app_actions["faces"].isChecked()
    qtbot.keyClick(idle.video, Qt.Key.Key_O)
    assert fake.request.mode is Mode.OBJECTS
    assert idle.app_actions["objects"].isChecked()
    fake.change(Mode.FACES)
    assert idle.app_actions["faces"].isChecked()


def test_covering_is_remembered_and_reported_as_off_in_objects_mode(
    make_window: MakeWindow, idle: Window, fake: SessionController
) -> None:
    idle.app_actions["cover"].trigger()
    assert idle.video.covers_strangers
    fake.change(Mode.OBJECTS)
    assert not idle.app_actions["cover"].isEnabled()
    assert "strangers are not covered" in idle.toast.text
    fake.change(Mode.FACES)
    assert idle.video.covers_strangers
    idle.close()

    assert make_window(idle_controller()).video.covers_strangers


@pytest.mark.parametrize(("source", "mirrored"), [("0", True), ("a.mp4", False), ("rtsp://camera/1", False), ("demo", False)])
def test_only_cameras_are_mirrored_unless_changed(qtbot: QtBot, make_window: MakeWindow, source: str, mirrored: bool) -> None:
    window = make_window(idle_controller(source))
    assert window.video.is_mirrored(0) is window.app_actions["mirror"].isChecked() is mirrored
    window.app_actions["mirror"].trigger()
    assert window.video.is_mirrored(0) is not mirrored
    window.close()

    assert make_window(idle_controller(source)).video.is_mirrored(0) is not mirrored


def test_everything_but_the_video_can_be_hidden_and_escape_restores_it(
    qtbot: QtBot, idle: Window, fake: SessionController
) -> None:
    show_result(fake, make_frame(), make_sighting(Box(100, 100, 100, 100)))
    idle.app_actions["bare"].trigger()
    parts = (idle.menuBar(), idle.toolbar, idle.status, idle.side)
    assert not any(part.isVisible() for part in parts)
    assert not idle.video.shows_annotations
    qtbot.keyClick(idle.video, Qt.Key.Key_Escape)

    assert idle.menuBar().isVisible()
    assert idle.status.isVisible()
    assert idle.video.shows_annotations


def test_the_window_opens_as_it_was_closed(make_window: MakeWindow, idle: Window) -> None:
    idle.resize(701, 577)
    if idle.pages.is_open(PEOPLE):
        idle.pages.close(PEOPLE)
    idle.close()
    again = make_window(idle_controller())

    assert (again.width(), again.height()) == (701, 577)
    assert not again.pages.is_open(PEOPLE)


def test_a_dropped_video_is_played(idle: Window, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[str] = []
    idle.controller.open = lambda *sources: opened.extend(sources)  # type: ignore[method-assign]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "clip.mp4"))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    idle.dropEvent(QDropEvent(QPointF(10, 10), Qt.DropAction.CopyAction, data, buttons, keys))

    assert opened == [str(tmp_path / "clip.mp4")]


def test_the_shortcut_sheet_lists_all_actions_with_keys(qtbot: QtBot, idle: Window) -> None:
    qtbot.keyClick(idle.video, "?")
    assert idle.keys_overlay.isVisible()
    shown = {label.text() for label in idle.keys_overlay.findChildren(QWidget) if hasattr(label, "text")}
    for spec in idle.app_actions.specs:
        assert plain_text(idle.app_actions[spec.id].text()) in shown or not spec.keys
    qtbot.keyClick(idle.keys_overlay, Qt.Key.Key_Escape)
    assert not idle.keys_overlay.isVisible()


def test_widgets_keep_keys_that_they_use_themselves(qtbot: QtBot, idle: Window, qapp: object) -> None:
    guard = KeyGuard(idle)
    make_app().installEventFilter(guard)
    try:
        field, button, view = QLineEdit(idle), QPushButton("ok", idle), QListView(idle)
        pressed = []
        button.clicked.connect(lambda: pressed.append(1))
        for widget in (field, button, view):
            widget.show()
        idle.activateWindow()
        field.setFocus()
        qtbot.keyClicks(field, "foo")
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Space)
        assert idle.controller.request.mode is Mode.FACES
        assert not idle.app_actions["pause"].isChecked()
        view.setFocus()
        qtbot.keyClick(view, Qt.Key.Key_O)

        assert field.text() == "foo"
        assert pressed == [1]
        assert idle.controller.request.mode is Mode.OBJECTS
    finally:
        make_app().removeEventFilter(guard)


def test_a_problem_is_shown_until_it_is_over_or_dismissed(qtbot: QtBot, idle: Window) -> None:
    idle.messages.show_problem("camera 0 shows only black")
    assert idle.messages.text == "camera 0 shows only black"
    idle.messages.findChildren(QToolButton)[0].click()
    idle.messages.show_problem("camera 0 shows only black")
    assert idle.messages.text == "", "a dismissed problem is not shown again"
    idle.messages.show_problem("")
    idle.messages.show_problem("camera 0 shows only black")
    assert idle.messages.text


def test_a_gallery_folder_that_has_disappeared_is_a_problem_until_it_is_back(idle: Window, fake: SessionController) -> None:
    fake.status = SessionStatus(SourceState.RUNNING, "", (), gallery_fault="the gallery /share is not available")
    fake.status_changed.emit()
    assert "/share is not available" in idle.messages.text

    fake.status = SessionStatus(SourceState.RUNNING, "", ())
    fake.status_changed.emit()
    assert idle.messages.text == ""


def test_the_window_says_at_the_start_that_a_threshold_of_another_network_is_ignored(
    make_window: MakeWindow, make_controller: Callable[..., SessionController], tmp_path: Path
) -> None:
    config = tmp_path / "facecam.toml"
    config.write_text("[identify]\nthreshold_l2 = 0.4\n", encoding="utf-8")
    controller = make_controller()
    controller.paths = AppPaths(None, None, config)

    window = make_window(controller)

    assert "identify.threshold_l2: not used, because set for the network nn4_small2_facecam_v1" in window.toast.text


def test_a_toast_floats_over_the_video_with_its_buttons(qtbot: QtBot, idle: Window) -> None:
    done = []
    before = idle.video.geometry()
    idle.toast.show_message("Saved as image.png", ("Show folder", lambda: done.append(1)))
    assert idle.toast.text == "Saved as image.png"
    assert idle.video.geometry() == before
    next(button for button in idle.toast.findChildren(QPushButton)).click()

    assert done == [1]
    assert idle.toast.text == ""


def test_a_toast_whose_text_fits_has_one_line(idle: Window) -> None:
    idle.resize(1120, 780)
    idle.toast.show_message("Saved", ("Show folder", print))
    height = idle.toast.height()
    idle.toast.show_message("Recording saved as /home/ann/Videos/facecam/2026-11-30 06.46.18.mp4", ("Show folder", print))

    assert idle.toast.height() == height


def test_closing_a_page_keeps_the_others_hidden_while_only_the_video_is_visible(
    idle: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = PageSpec("test", "Test", "", "tests.ui.test_window.RecordingPage", PageLocation.WHOLE)
    monkeypatch.setattr(pages, "PAGES", (*PAGES, spec))
    idle.pages.open(PEOPLE)
    opened = idle.pages.open("test")
    idle.app_actions["bare"].trigger()
    assert isinstance(opened, RecordingPage)
    opened.close_me()

    assert idle.pages.is_open(PEOPLE)
    assert not idle.side.isVisible()
    idle.app_actions["bare"].trigger()
    assert idle.side.isVisible()


def test_a_snapshot_without_video_shows_a_message(idle: Window) -> None:
    idle.app_actions["snapshot"].trigger()

    assert idle.toast.text == "There is no video to save yet."


def test_a_snapshot_is_reported_with_its_path(qtbot: QtBot, idle: Window, fake: SessionController, tmp_path: Path) -> None:
    show_result(fake, make_frame(), make_sighting(Box(100, 100, 100, 100)))
    idle.app_actions["snapshot"].trigger()
    qtbot.waitUntil(lambda: idle.toast.text.startswith("Saved as"))

    (path,) = (tmp_path / "Pictures" / "facecam").iterdir()
    assert path.read_bytes().startswith(b"\x89PNG")
    assert str(path) in idle.toast.text


def test_snapshots_in_the_same_second_have_different_names(
    qtbot: QtBot, idle: Window, fake: SessionController, tmp_path: Path
) -> None:
    show_result(fake, make_frame())
    for _ in range(3):
        idle.app_actions["snapshot"].trigger()
    qtbot.waitUntil(lambda: len(list((tmp_path / "Pictures" / "facecam").glob("*.png"))) == 3)


def test_pages_open_next_to_the_video_and_over_it(qtbot: QtBot, idle: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    for location in PageLocation:
        spec = PageSpec("test", "Test", "", "tests.ui.test_window.RecordingPage", location, open_method="receive")
        monkeypatch.setattr(pages, "PAGES", (*PAGES, spec))
        opened = idle.pages.open("test", 7)
        assert isinstance(opened, RecordingPage)
        assert opened.isVisible()
        assert opened.argument == 7
        assert idle.video.isVisible() is (location is not PageLocation.WHOLE)
        opened.close_me()
        assert not idle.pages.is_open("test")
        assert opened.closed
        assert idle.video.isVisible()
    if idle.pages.is_open(PEOPLE):
        assert idle.side.isVisible()


class RecordingPage(QWidget):
    """A page that records its argument and its closing."""

    finished = Signal()

    def __init__(self, _controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.closed = False
        self.argument: object = None

    def receive(self, argument: object) -> None:
        self.argument = argument

    def close_me(self) -> None:
        self.finished.emit()

    def closeEvent(self, _event: object) -> None:  # noqa: N802
        self.closed = True


def test_every_page_has_a_class_a_title_and_its_key(idle: Window) -> None:
    for page in PAGES:
        module, _, name = page.class_path.rpartition(".")
        assert hasattr(importlib.import_module(module), name)
        assert page.title
        if page.in_menu:
            assert isinstance(idle.app_actions[page.id], QAction)
            assert not page.key or idle.app_actions[page.id].shortcut() == QKeySequence(page.key)


def test_messages_of_pages_are_shown_as_toasts(idle: Window) -> None:
    idle.pages.message_posted.emit("The person was renamed.")

    assert idle.toast.text == "The person was renamed."
