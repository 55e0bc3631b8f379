"""The window as a whole: its actions, what it remembers, what it says when, and how pages open in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDropEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QListView, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from facecam.settings import Mode
from facecam.types import Box
from facecam.ui.app import make_app
from facecam.ui.session_controller import SessionController
from facecam.ui.window import pages
from facecam.ui.window.actions import DEEDS, KeyGuard
from facecam.ui.window.pages import PAGES, PEOPLE, PageLocation, PageSpec
from facecam.ui.window.window import Window
from tests.ui.faked import frame_of, idle_live, show, sighting

MakeWindow = Callable[[SessionController], Window]


@pytest.fixture
def fake(qtbot: QtBot) -> SessionController:
    return idle_live()


@pytest.fixture
def idle(make_window: MakeWindow, fake: SessionController) -> Window:
    """A window of a Live that runs nothing."""
    return make_window(fake)


def test_the_demo_is_recognized_in_the_window(qtbot: QtBot, window: Window, live: SessionController) -> None:
    qtbot.waitUntil(lambda: any(mark.title == "Eileen Collins" for mark in window.video.marks()), timeout=20_000)

    assert window.video.picture() is not None
    window.status.renew()
    assert "demo" in window.status.source.text()
    assert window.status.faces.text() in ("Faces: 1", "Faces: 2")
    assert live.log_path is not None


def test_no_two_actions_share_a_key(idle: Window) -> None:
    keys = [key.toString() for action in idle.deeds.all() for key in action.shortcuts()]

    assert len(keys) == len(set(keys))


def test_every_action_is_in_a_menu_and_works_by_key(idle: Window) -> None:
    in_menus = {action.objectName() for menu in idle.menus.values() for action in menu.actions()}

    assert {deed.id for deed in DEEDS} <= in_menus
    keyless = {deed.id for deed in DEEDS if not deed.keys}
    assert keyless == {"demo"}


def test_every_control_has_a_name_for_a_screen_reader(idle: Window) -> None:
    nameless = [
        (type(widget).__name__, widget.objectName())
        for widget in idle.findChildren(QAbstractButton)
        if not (widget.accessibleName() or widget.text() or widget.toolTip()) and not isinstance(widget.parent(), QLineEdit)
    ]
    assert [name for name in nameless if not name[1].startswith("qt_")] == []
    for named in (idle.video, idle.status, idle.messages, idle.toast, idle.keys):
        assert named.accessibleName()


def test_the_mode_goes_to_the_session_and_comes_back_to_the_buttons(qtbot: QtBot, idle: Window, fake: SessionController) -> None:
    assert idle.deeds["faces"].isChecked()
    qtbot.keyClick(idle.video, Qt.Key.Key_O)
    assert fake.wish.mode is Mode.OBJECTS
    assert idle.deeds["objects"].isChecked()
    fake.change(Mode.FACES)
    assert idle.deeds["faces"].isChecked()


def test_blur_is_remembered_and_said_to_be_off_among_objects(
    make_window: MakeWindow, idle: Window, fake: SessionController
) -> None:
    idle.deeds["blur"].trigger()
    assert idle.video.blur
    fake.change(Mode.OBJECTS)
    assert not idle.video.blur
    assert "nobody is blurred" in idle.toast.text
    fake.change(Mode.FACES)
    assert idle.video.blur
    idle.close()

    assert make_window(idle_live()).video.blur


@pytest.mark.parametrize(("source", "mirrored"), [("0", True), ("a.mp4", False), ("rtsp://camera/1", False), ("demo", False)])
def test_only_a_camera_is_a_mirror_unless_it_is_wished_otherwise(
    qtbot: QtBot, make_window: MakeWindow, source: str, mirrored: bool
) -> None:
    window = make_window(idle_live(source))
    assert window.video.mirrors(0) is window.deeds["mirror"].isChecked() is mirrored
    window.deeds["mirror"].trigger()
    assert window.video.mirrors(0) is not mirrored
    window.close()

    assert make_window(idle_live(source)).video.mirrors(0) is not mirrored


def test_everything_but_the_picture_can_be_hidden_and_escape_brings_it_back(
    qtbot: QtBot, idle: Window, fake: SessionController
) -> None:
    show(fake, frame_of(), sighting(Box(100, 100, 100, 100)))
    idle.deeds["bare"].trigger()
    parts = (idle.menuBar(), idle.toolbar, idle.status, idle.side)
    assert not any(part.isVisible() for part in parts)
    assert not idle.video.marked
    qtbot.keyClick(idle.video, Qt.Key.Key_Escape)

    assert idle.menuBar().isVisible()
    assert idle.status.isVisible()
    assert idle.video.marked


def test_the_window_opens_as_it_was_closed(make_window: MakeWindow, idle: Window) -> None:
    idle.resize(701, 577)
    if idle.pages.is_open(PEOPLE):
        idle.pages.close(PEOPLE)
    idle.close()
    again = make_window(idle_live())

    assert (again.width(), again.height()) == (701, 577)
    assert not again.pages.is_open(PEOPLE)


def test_a_film_dropped_on_the_window_is_played(idle: Window, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[str] = []
    idle.live.open = lambda *sources: opened.extend(sources)  # type: ignore[method-assign]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "clip.mp4"))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    idle.dropEvent(QDropEvent(QPointF(10, 10), Qt.DropAction.CopyAction, data, buttons, keys))

    assert opened == [str(tmp_path / "clip.mp4")]


def test_the_list_of_keys_is_made_of_the_actions(qtbot: QtBot, idle: Window) -> None:
    qtbot.keyClick(idle.video, "?")
    assert idle.keys.isVisible()
    shown = {label.text() for label in idle.keys.findChildren(QWidget) if hasattr(label, "text")}
    for deed in DEEDS:
        assert idle.deeds[deed.id].text() in shown or not deed.keys
    qtbot.keyClick(idle.keys, Qt.Key.Key_Escape)
    assert not idle.keys.isVisible()


def test_letters_typed_into_a_field_and_spaces_pressed_on_a_button_are_theirs(qtbot: QtBot, idle: Window, qapp: object) -> None:
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
        view.setFocus()
        qtbot.keyClick(view, Qt.Key.Key_O)

        assert field.text() == "foo"
        assert pressed == [1]
        assert idle.live.wish.mode is Mode.FACES
        assert not idle.deeds["pause"].isChecked()
    finally:
        make_app().removeEventFilter(guard)


def test_trouble_stands_above_the_picture_until_it_is_over(qtbot: QtBot, idle: Window) -> None:
    idle.messages.complain("camera 0 shows only black")
    assert idle.messages.text == "camera 0 shows only black"
    idle.messages.findChildren(QToolButton)[0].click()
    idle.messages.complain("camera 0 shows only black")
    assert idle.messages.text == "", "what was put away is not said again"
    idle.messages.complain("")
    idle.messages.complain("camera 0 shows only black")
    assert idle.messages.text


def test_news_floats_over_the_picture_with_its_buttons(qtbot: QtBot, idle: Window) -> None:
    done = []
    before = idle.video.geometry()
    idle.toast.say("Saved as picture.png", ("Show folder", lambda: done.append(1)))
    assert idle.toast.text == "Saved as picture.png"
    assert idle.video.geometry() == before
    next(button for button in idle.toast.findChildren(QPushButton)).click()

    assert done == [1]
    assert idle.toast.text == ""


def test_a_snapshot_without_a_picture_is_answered(idle: Window) -> None:
    idle.deeds["snapshot"].trigger()

    assert idle.toast.text == "There is no picture to keep."


def test_a_snapshot_is_told_with_its_place(qtbot: QtBot, idle: Window, fake: SessionController, tmp_path: Path) -> None:
    show(fake, frame_of(), sighting(Box(100, 100, 100, 100)))
    with qtbot.waitSignal(idle.snapshots.kept, timeout=10_000) as kept:
        idle.deeds["snapshot"].trigger()

    path = kept.args[0]
    assert path.parent == tmp_path / "Pictures" / "facecam"
    assert path.read_bytes().startswith(b"\x89PNG")
    assert str(path) in idle.toast.text


def test_a_second_snapshot_in_the_same_second_has_a_name_of_its_own(
    qtbot: QtBot, idle: Window, fake: SessionController, tmp_path: Path
) -> None:
    show(fake, frame_of())
    for _ in range(3):
        idle.deeds["snapshot"].trigger()
    qtbot.waitUntil(lambda: len(list((tmp_path / "Pictures" / "facecam").glob("*.png"))) == 3, timeout=10_000)


def test_pages_open_beside_instead_of_and_apart_from_the_picture(
    qtbot: QtBot, idle: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    for way in PageLocation:
        monkeypatch.setattr(
            pages, "PAGES", (*PAGES, PageSpec("test", "Test", "", "tests.ui.test_window", "Told", way, takes="take"))
        )
        opened = idle.pages.open("test", 7)
        assert isinstance(opened, Told)
        assert opened.isVisible()
        assert opened.taken == 7
        assert (opened.window() is not idle) is (way is PageLocation.WINDOW)
        assert idle.video.isVisible() is (way is not PageLocation.WHOLE)
        opened.close_me()
        assert not idle.pages.is_open("test")
        assert opened.closed
        assert idle.video.isVisible()
    if idle.pages.is_open(PEOPLE):
        assert idle.side.isVisible()


class Told(QWidget):
    """A page that says when it was closed."""

    finished = Signal()

    def __init__(self, _live: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.closed = False
        self.taken: object = None

    def take(self, argument: object) -> None:
        self.taken = argument

    def close_me(self) -> None:
        self.finished.emit()

    def closeEvent(self, _event: object) -> None:  # noqa: N802
        self.closed = True


def test_every_page_is_named_has_a_key_or_a_way_to_it_and_its_module(idle: Window) -> None:
    for page in PAGES:
        assert page.exists, page.module
        assert page.words
        if page.in_menu:
            assert isinstance(idle.deeds[page.id], QAction)
            assert not page.key or idle.deeds[page.id].shortcut() == QKeySequence(page.key)


def test_what_a_page_says_is_said_by_the_window(idle: Window) -> None:
    idle.pages.said.emit("The person was renamed.")

    assert idle.toast.text == "The person was renamed."
