"""The window by keyboard alone: focus, shortcuts, panels, questions and undo, each as a user meets them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from facecam.enrollment.corrections import AssignName, RedoCorrection, UndoCorrection
from facecam.gallery.people import Person
from facecam.gallery.undo import ChangeKind, GalleryChange
from facecam.session.status import CommandResult
from facecam.settings import Mode
from facecam.types import Box, Event
from facecam.ui.app import make_app
from facecam.ui.session_controller import SessionController
from facecam.ui.window.actions import KeyGuard
from facecam.ui.window.message_bar import TOAST_MS
from facecam.ui.window.pages import ENROLL, GALLERY, LABELS, PAGES, PEOPLE, SETTINGS, STUDIO, TEACH, WHY, page_spec
from facecam.ui.window.window import Window
from tests.ui.fakes import idle_controller, make_frame, make_sighting, show_result

PANEL_KEYS = {PEOPLE: "P", STUDIO: "T", TEACH: "L"}
PAGE_KEYS = {ENROLL: "E", GALLERY: "G"}


class Keyboard:
    """Presses keys where the focus is."""

    def __init__(self, qtbot: QtBot, window: Window) -> None:
        self._qtbot, self._window = qtbot, window

    def press(self, *keys: str | Qt.Key) -> None:
        for key in keys:
            self._qtbot.keyClick(QApplication.focusWidget() or self._window, key)

    def type_text(self, text: str) -> None:
        for letter in text:
            self.press(letter)

    def press_shortcut(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        self._qtbot.keyClick(QApplication.focusWidget() or self._window, key, modifiers)


@pytest.fixture
def fake(qtbot: QtBot) -> SessionController:
    return idle_controller()


@pytest.fixture
def window(qtbot: QtBot, make_window: Callable[[SessionController], Window], fake: SessionController) -> Iterator[Window]:
    """An active window with a face in the video and shortcuts as in the program."""
    made = make_window(fake)
    made.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is made.video)
    show_result(fake, make_frame(), make_sighting(Box(100, 100, 100, 100)))
    guard = KeyGuard(made)
    make_app().installEventFilter(guard)
    yield made
    make_app().removeEventFilter(guard)


@pytest.fixture
def keyboard(qtbot: QtBot, window: Window) -> Keyboard:
    if window.pages.is_open(PEOPLE):
        window.pages.close(PEOPLE)
    window.video.setFocus()
    return Keyboard(qtbot, window)


def open_pages(window: Window) -> list[str]:
    return [page.id for page in PAGES if window.pages.is_open(page.id)]


def works_by_keys(window: Window, keyboard: Keyboard) -> bool:
    """Return whether the video has the focus and its keys work: Right chooses a face, Enter opens its menu."""
    if QApplication.focusWidget() is not window.video:
        return False
    if window.controller.request.mode is Mode.OBJECTS:  # as the panel Teach leaves it; faces are shown in faces mode only
        window.controller.change(Mode.FACES)
    show_result(window.controller, make_frame(), make_sighting(Box(100, 100, 100, 100)))
    keyboard.press(Qt.Key.Key_Right, Qt.Key.Key_Return)
    menu = QApplication.activePopupWidget()
    if menu is not None:
        menu.close()
    keyboard.press(Qt.Key.Key_Escape)
    return menu is not None


def test_the_name_of_an_object_is_typed_right_after_the_key_of_the_panel(window: Window, keyboard: Keyboard) -> None:
    mirror = window.app_actions["mirror"].isChecked()

    keyboard.press("L")
    keyboard.type_text("mug")

    focused = QApplication.focusWidget()
    assert isinstance(focused, QLineEdit)
    assert focused.text() == "mug"
    assert open_pages(window) == [TEACH]
    assert window.app_actions["mirror"].isChecked() is mirror


@pytest.mark.parametrize("page_id", [TEACH, LABELS, ENROLL])
def test_pages_that_expect_text_take_the_focus(window: Window, keyboard: Keyboard, page_id: str) -> None:
    window.app_actions["labels" if page_id == LABELS else page_id].trigger()
    keyboard.type_text("glimpse")

    focused = QApplication.focusWidget()
    assert isinstance(focused, QLineEdit)
    assert focused.text() == "glimpse"
    assert open_pages(window) == [page_id]


def test_no_single_key_shortcut_fires_while_a_text_is_typed(window: Window, keyboard: Keyboard) -> None:
    keys = [key.toString() for action in window.app_actions for key in action.shortcuts() if len(key.toString()) == 1]
    assert len(keys) > 10
    fired: list[str] = []
    for action in window.app_actions:
        action.triggered.connect(lambda _=False, action=action: fired.append(action.objectName()))
    keyboard.press("L")
    fired.clear()

    keyboard.type_text("".join(keys).lower() + " ")

    assert fired == []


@pytest.mark.parametrize(("page_id", "key"), PANEL_KEYS.items())
def test_the_key_of_a_panel_opens_and_closes_it(window: Window, keyboard: Keyboard, page_id: str, key: str) -> None:
    keyboard.press(key)
    assert open_pages(window) == [page_id]
    assert window.app_actions[page_id].isChecked()
    if page_id == TEACH:  # its letter belongs to the name
        window.app_actions[page_id].trigger()
    else:
        keyboard.press(key)

    assert open_pages(window) == []
    assert not window.app_actions[page_id].isChecked()
    assert not window.side.isVisible()
    assert works_by_keys(window, keyboard)


@pytest.mark.parametrize("page_id", [PEOPLE, WHY, STUDIO, TEACH, LABELS])
@pytest.mark.parametrize("way", ["escape", "close button"])
def test_a_closed_panel_reveals_no_other(window: Window, keyboard: Keyboard, page_id: str, way: str) -> None:
    for earlier in (PEOPLE, STUDIO):
        window.pages.open(earlier)
    window.pages.open(page_id)
    assert open_pages(window) == [page_id]
    if way == "escape":
        keyboard.press(Qt.Key.Key_Escape)
    else:
        next(button for button in window.side.findChildren(QAbstractButton) if button.accessibleName() == "Close").click()

    assert open_pages(window) == []
    assert works_by_keys(window, keyboard)


def test_a_page_over_the_video_closes_the_panel_and_hides_the_people(window: Window, keyboard: Keyboard) -> None:
    window.pages.open(TEACH)
    window.pages.open(ENROLL)
    assert open_pages(window) == [ENROLL]
    keyboard.press(Qt.Key.Key_Escape)
    keyboard.press("P")
    window.pages.open(GALLERY)
    assert not window.side.isVisible()
    window.pages.close(GALLERY)

    assert open_pages(window) == [PEOPLE]
    assert window.side.isVisible()


def test_unsaved_photos_of_an_enrollment_are_not_lost_to_another_page(window: Window, keyboard: Keyboard) -> None:
    page = window.pages.open(ENROLL)
    page.unsaved_text = lambda: "Finish or cancel the enrollment first."  # type: ignore[union-attr]

    window.app_actions[TEACH].trigger()

    assert open_pages(window) == [ENROLL]
    assert not window.app_actions[TEACH].isChecked()
    assert window.toast.text == "Finish or cancel the enrollment first."


def test_panels_of_the_other_mode_close(window: Window, fake: SessionController, keyboard: Keyboard) -> None:
    window.pages.open(WHY)
    keyboard.press("O")
    assert open_pages(window) == []
    window.pages.open(TEACH)
    window.app_actions["faces"].trigger()

    assert open_pages(window) == []
    assert fake.request.mode is Mode.FACES


def test_space_pauses_and_enter_presses_the_focused_toolbar_button(window: Window, keyboard: Keyboard) -> None:
    button = window.toolbar.widgetForAction(window.app_actions["objects"])
    button.setFocus(Qt.FocusReason.TabFocusReason)
    keyboard.press(Qt.Key.Key_Space)
    assert window.app_actions["pause"].isChecked()
    assert window.controller.request.mode is Mode.FACES

    keyboard.press(Qt.Key.Key_Return)
    assert window.controller.request.mode is Mode.OBJECTS


def test_shortcuts_work_from_the_list_of_taught_objects(window: Window, keyboard: Keyboard) -> None:
    panel = window.pages.open(TEACH)
    assert panel is not None
    panel.findChildren(QListWidget)[0].setFocus()

    keyboard.press("?")
    assert window.keys_overlay.isVisible()
    keyboard.press(Qt.Key.Key_Escape)
    assert isinstance(QApplication.focusWidget(), QListWidget)
    keyboard.press("F")

    assert window.controller.request.mode is Mode.FACES


def test_the_shortcut_sheet_and_the_address_line_return_the_focus(window: Window, keyboard: Keyboard) -> None:
    keyboard.press("?", Qt.Key.Key_Escape)
    assert works_by_keys(window, keyboard)
    keyboard.press_shortcut(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    keyboard.press(Qt.Key.Key_Escape)

    assert works_by_keys(window, keyboard)


def test_escape_works_after_an_enrollment_that_the_gallery_opened(window: Window, keyboard: Keyboard) -> None:
    gallery = window.pages.open(GALLERY)
    assert gallery is not None
    gallery.page_requested.emit(ENROLL, None)  # type: ignore[attr-defined]
    enrollment = window.pages.widget(ENROLL)
    assert enrollment is not None
    enrollment.finished.emit()  # type: ignore[attr-defined]
    assert open_pages(window) == [GALLERY]

    keyboard.press(Qt.Key.Key_Escape)

    assert open_pages(window) == []
    assert works_by_keys(window, keyboard)


def reachable(page: QWidget) -> set[QWidget]:
    """Return the enabled, visible controls of a page that a user must reach."""
    kinds = (QAbstractButton, QLineEdit, QListWidget)
    found = {widget for widget in page.findChildren(QWidget) if isinstance(widget, kinds)}
    return {
        widget
        for widget in found
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not is_inner(widget)
    }


def is_inner(widget: QWidget) -> bool:
    """Return whether a widget is part of another control: of a field, a list or a scroll bar."""
    parent = widget.parentWidget()
    return isinstance(parent, QLineEdit | QAbstractScrollArea) or widget.focusProxy() is not None


@pytest.mark.parametrize("page_id", [page.id for page in PAGES])
def test_every_page_is_walked_by_keyboard_alone(window: Window, keyboard: Keyboard, page_id: str) -> None:
    open_by_keyboard(window, keyboard, page_id)
    page = window.pages.widget(page_id)
    assert page is not None
    focused = QApplication.focusWidget()
    assert focused is page or page.isAncestorOf(focused)
    visited: set[QWidget] = set()
    for _ in range(150):
        keyboard.press(Qt.Key.Key_Tab)
        visited.add(QApplication.focusWidget())
    missing = reachable(page) - visited
    assert {(type(widget).__name__, widget.accessibleName()) for widget in missing} == set()
    assert visited & set(window.toolbar.findChildren(QAbstractButton)), "the toolbar is reached from the page"

    for _ in range(4):  # a page with steps goes back one by one
        if page_id in open_pages(window):
            keyboard.press(Qt.Key.Key_Escape)

    assert open_pages(window) == []
    assert works_by_keys(window, keyboard)


def open_by_keyboard(window: Window, keyboard: Keyboard, page_id: str) -> None:
    if page_id == SETTINGS:
        keyboard.press_shortcut(Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    elif page_id == LABELS:
        keyboard.press_shortcut(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    elif not page_spec(page_id).key:  # from the menu of a face, and from a menu
        window.pages.open(page_id)
    else:
        keyboard.press(page_spec(page_id).key)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("page_id", [page.id for page in PAGES])
def test_no_mnemonic_is_there_twice(make_window: Callable[[SessionController], Window], page_id: str, language: str) -> None:
    make_app(language)
    try:
        window = make_window(idle_controller())
        window.pages.open(page_id)
        window.address.open()
        window.marker_line.open()
        QApplication.processEvents()
        texts = [action.text() for action in window.menuBar().actions()]
        texts += [button.text() for button in window.findChildren(QAbstractButton) if button.isVisible()]
        texts += [label.text() for label in labels_with_buddies(window)]
        letters = sorted(
            text.replace("&&", "")[text.replace("&&", "").index("&") + 1].lower() for text in texts if has_mnemonic(text)
        )

        assert letters == sorted(set(letters))
    finally:
        make_app("en")


def has_mnemonic(text: str) -> bool:
    return "&" in text.replace("&&", "")


def labels_with_buddies(window: Window) -> list[QLabel]:
    return [label for label in window.findChildren(QLabel) if label.isVisible() and label.buddy() is not None]


def change(kind: ChangeKind, name: str) -> GalleryChange:
    return GalleryChange(
        kind,
        lambda: lambda: change(kind, name),
        people=(Person(name, name, (), (), datetime(2026, 1, 1, tzinfo=UTC)),),
        track_id=1,
    )


def buttons(widget: QWidget) -> dict[str, QPushButton]:
    return {button.text(): button for button in widget.findChildren(QPushButton) if not button.isHidden()}


def test_undo_and_redo_name_what_they_concern(window: Window, fake: SessionController) -> None:
    named, rejected = change(ChangeKind.PHOTOS_ADDED, "Adam"), change(ChangeKind.FACE_REJECTED, "Eva")
    event = Event("correction", track_id=1, person="Eva")
    fake.command_finished.emit(CommandResult(AssignName(1, "Adam"), event, undoable=named))
    assert window.app_actions["undo"].text() == "Undo: named Adam"

    fake.command_finished.emit(CommandResult(UndoCorrection(), event, undoable=named, redoable=rejected))
    assert window.toast.text == "Undone: rejected Eva."
    assert list(buttons(window.toast)) == ["Redo"], "no button deletes the correction before it"
    assert window.app_actions["redo"].text() == "Redo: rejected Eva"

    fake.command_finished.emit(CommandResult(RedoCorrection(), event, undoable=rejected))
    assert window.toast.text == "Redone: rejected Eva."
    assert list(buttons(window.toast)) == ["Undo"]


def test_a_question_stays_until_it_is_answered(qtbot: QtBot, window: Window, keyboard: Keyboard) -> None:
    answered: list[str] = []
    yes = "Yes, this is Eva", lambda: answered.append("Eva")
    window.question.ask("Is it really Eva?", yes, ("No, it is Adam", lambda: answered.append("Adam")))
    window.question.ask("Is it really Ann?", ("Yes, this is Ann", lambda: answered.append("Ann")))
    window.toast.show_message("Recording saved")
    assert TOAST_MS < 10_000
    window.toast._timer.timeout.emit()
    assert window.question.text == "Is it really Eva?"

    keyboard.press(Qt.Key.Key_Tab)
    keyboard.press(Qt.Key.Key_Return)
    assert answered == ["Eva"]
    qtbot.waitUntil(lambda: window.question.text == "Is it really Ann?")
    keyboard.press(Qt.Key.Key_Escape)

    assert answered == ["Eva"]
    assert window.question.text == ""
    assert works_by_keys(window, keyboard)


def test_a_question_does_not_take_the_focus_from_a_text(window: Window, keyboard: Keyboard) -> None:
    keyboard.press("L")
    keyboard.type_text("mu")
    window.question.ask("Is it really Eva?", ("Yes, this is Eva", lambda: None))
    keyboard.type_text("g")

    focused = QApplication.focusWidget()
    assert isinstance(focused, QLineEdit)
    assert focused.text() == "mug"
