"""Field for the name of a face: by keyboard, with the consent of a new person, and what a naming stores."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from facecam.gallery.service import GalleryService
from facecam.ui.consent import consent_text
from facecam.ui.name_field import NameField
from facecam.ui.session_controller import SessionController
from tests.ui.leaks import count_objects, delete_closed
from tests.ui.portraits import EILEEN, GRACE, PortraitStream, enroll_portraits, portraits_controller, tracks_by_name

SMALL_WH = QSize(1024, 600)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """A window with a focused line edit."""
    made = QWidget()
    qtbot.addWidget(made)
    QVBoxLayout(made).addWidget(QLineEdit(made))
    made.resize(600, 400)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    made.findChildren(QLineEdit)[0].setFocus()
    return made


@pytest.fixture
def controller(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    """A controller on Grace Hopper, not started; Eileen Collins is enrolled."""
    enroll_portraits(tmp_path / "gallery", EILEEN)
    made = portraits_controller(tmp_path, GRACE)
    yield made
    assert made.stop()


@pytest.fixture
def opened(window: QWidget, controller: SessionController, tmp_path: Path) -> Iterator[NameField]:
    """The name field for unknown Grace Hopper; Eileen Collins is enrolled."""
    stream = PortraitStream(tmp_path / "gallery", GRACE)
    with stream.recognizer:
        stream.show(controller)
        yield open_field(controller, window)


def open_field(controller: SessionController, window: QWidget) -> NameField:
    """Open the field for the first visitor in the lower right corner of the window."""
    field = NameField(controller, controller.visitor_tracker.visitors[0], window)
    field.open_at(window.mapToGlobal(QPoint(window.width() - 10, window.height() - 10)))
    return field


def names_of(field: NameField) -> list[str]:
    """Return the list to which the field will add the given name."""
    names: list[str] = []
    field.named.connect(names.append)
    return names


def person_file(gallery: Path, name: str) -> dict[str, object]:
    return tomllib.loads((gallery / name / "person.toml").read_text())


def test_the_field_is_inside_the_window_and_focused(opened: NameField, window: QWidget) -> None:
    assert window.rect().contains(opened.geometry())
    assert opened.edit.hasFocus()


def test_enter_accepts_a_name_with_consent_but_not_an_empty_one(opened: NameField, qtbot: QtBot) -> None:
    names = names_of(opened)
    opened.form.consent.box.setChecked(True)

    qtbot.keyClicks(opened.edit, "   ")
    qtbot.keyClick(opened.edit, Qt.Key.Key_Return)
    assert names == []
    assert opened.isVisible()
    opened.edit.clear()
    qtbot.keyClicks(opened.edit, " Ann ")
    qtbot.keyClick(opened.edit, Qt.Key.Key_Return)

    assert names == ["Ann"]


def test_enter_without_consent_names_nobody_and_explains_what_is_missing(opened: NameField, qtbot: QtBot) -> None:
    names = names_of(opened)
    qtbot.keyClicks(opened.edit, "Grace")

    qtbot.keyClick(opened.edit, Qt.Key.Key_Return)

    assert names == []
    assert opened.note.text() == "Naming Grace saves photos of this face. Check the box first if this person agrees."
    assert opened.note.isVisible()
    assert opened.form.consent.box.hasFocus()


def test_space_and_enter_give_the_consent_that_is_asked_for(opened: NameField, qtbot: QtBot) -> None:
    names = names_of(opened)
    qtbot.keyClicks(opened.edit, "Grace")
    qtbot.keyClick(opened.edit, Qt.Key.Key_Return)

    qtbot.keyClick(opened.focusWidget(), Qt.Key.Key_Space)
    assert not opened.note.isVisible()
    qtbot.keyClick(opened.focusWidget(), Qt.Key.Key_Return)

    assert names == ["Grace"]


def test_the_buttons_stay_in_place_when_the_consent_is_given(opened: NameField, qtbot: QtBot) -> None:
    qtbot.keyClicks(opened.edit, "Grace")
    qtbot.keyClick(opened.edit, Qt.Key.Key_Return)
    button = next(each for each in opened.findChildren(QPushButton) if each.text() == "Name")
    before = button.mapToGlobal(QPoint(0, 0))

    qtbot.keyClick(opened.focusWidget(), Qt.Key.Key_Space)

    assert not opened.note.isVisible()
    assert button.mapToGlobal(QPoint(0, 0)) == before


def test_an_enrolled_person_is_not_asked_for_consent(opened: NameField, qtbot: QtBot) -> None:
    names = names_of(opened)
    qtbot.keyClicks(opened.edit, EILEEN.lower())
    assert not opened.form.consent.isVisible()
    assert opened.form.known.text() == f"{EILEEN} is already enrolled. The new photos are added."

    qtbot.keyClick(opened.edit, Qt.Key.Key_Escape)  # the list of names
    qtbot.keyClick(opened.edit, Qt.Key.Key_Return)

    assert names == [EILEEN]


def test_a_box_that_was_checked_for_another_name_is_no_consent_of_an_enrolled_person(opened: NameField) -> None:
    opened.edit.setText("Ann")
    opened.form.consent.box.setChecked(True)
    assert opened.form.consent_record

    opened.edit.setText(EILEEN)

    assert opened.form.is_ready
    assert opened.form.consent_record == ""


def test_an_enrolled_person_who_has_withdrawn_the_consent_is_asked_for_it_again(
    controller: SessionController, window: QWidget, qtbot: QtBot, tmp_path: Path
) -> None:
    service = GalleryService(tmp_path / "gallery")
    service.record_consent(EILEEN, "agreed")
    service.withdraw_consent(EILEEN, date(2026, 11, 30))
    controller.start()
    qtbot.waitUntil(lambda: None in tracks_by_name(controller))
    qtbot.waitUntil(lambda: controller.gallery is not None)
    field = open_field(controller, window)
    names = names_of(field)

    field.edit.setText(EILEEN.lower())
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)

    assert field.form.consent.isVisible()
    assert names == []
    qtbot.keyClick(field.focusWidget(), Qt.Key.Key_Space)
    qtbot.keyClick(field.focusWidget(), Qt.Key.Key_Return)
    assert names == [EILEEN]


@pytest.mark.parametrize("how", ["escape", "click elsewhere", "cancel"])
def test_canceling_names_nobody_and_restores_the_focus(opened: NameField, window: QWidget, qtbot: QtBot, how: str) -> None:
    names = names_of(opened)
    elsewhere = window.findChildren(QLineEdit)[0]

    if how == "escape":
        qtbot.keyClick(opened.edit, Qt.Key.Key_Escape)
    elif how == "cancel":
        opened.edit.setText("Ann")
        for _ in range(3):
            qtbot.keyClick(opened.focusWidget(), Qt.Key.Key_Tab)
        qtbot.keyClick(opened.focusWidget(), Qt.Key.Key_Space)
    else:
        elsewhere.setFocus(Qt.FocusReason.MouseFocusReason)

    qtbot.waitUntil(lambda: not window.findChildren(NameField))
    assert elsewhere.hasFocus()
    assert names == []


def test_tab_stays_in_the_field(opened: NameField, qtbot: QtBot) -> None:
    opened.edit.setText("Ann")
    visited = []
    for _ in range(4):
        qtbot.keyClick(opened.focusWidget(), Qt.Key.Key_Tab)
        visited.append(opened.focusWidget())

    assert visited == [opened.form.consent.box, *opened.findChildren(QPushButton), opened.edit]


def test_enrolled_names_are_completed_from_any_part(opened: NameField) -> None:
    completer = opened.edit.completer()
    assert completer is not None

    completer.setCompletionPrefix("coll")

    assert completer.currentCompletion() == EILEEN


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_everything_fits_a_small_window_at_twice_the_text_size(
    qapp: QApplication, window: QWidget, controller: SessionController, tmp_path: Path, scale: float, qtbot: QtBot
) -> None:
    font = qapp.font()
    large = qapp.font()
    large.setPointSizeF(font.pointSizeF() * scale)
    qapp.setFont(large)
    try:
        qtbot.waitUntil(lambda: window.font().pointSizeF() == large.pointSizeF())
        window.resize(SMALL_WH)
        stream = PortraitStream(tmp_path / "gallery", GRACE)
        with stream.recognizer:
            stream.show(controller)
        field = open_field(controller, window)
        qtbot.keyClicks(field.edit, "Grace")
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)

        assert window.rect().contains(field.geometry())
        for label in (field.note, field.form.consent):
            assert label.isVisible()
            assert label.height() >= label.heightForWidth(label.width())
    finally:
        qapp.setFont(font)


def test_fields_opened_and_closed_leak_nothing(
    window: QWidget, controller: SessionController, tmp_path: Path, qtbot: QtBot
) -> None:
    stream = PortraitStream(tmp_path / "gallery", GRACE)
    with stream.recognizer:
        stream.show(controller)

    def ask(times: int) -> None:
        for _ in range(times):
            field = open_field(controller, window)
            field.close()
            del field
            delete_closed(qtbot)

    ask(3)
    before = count_objects()
    ask(10)

    assert count_objects() == before


def name_stranger(controller: SessionController, window: QWidget, qtbot: QtBot, name: str) -> None:
    """Name the only visitor by keyboard, with consent."""
    field = open_field(controller, window)
    qtbot.keyClicks(field.edit, name)
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    qtbot.keyClick(field.focusWidget(), Qt.Key.Key_Space)
    qtbot.keyClick(field.focusWidget(), Qt.Key.Key_Return)


def test_naming_a_stranger_records_the_consent(
    controller: SessionController, window: QWidget, qtbot: QtBot, tmp_path: Path
) -> None:
    controller.start()
    qtbot.waitUntil(lambda: None in tracks_by_name(controller))

    name_stranger(controller, window, qtbot, GRACE)

    qtbot.waitUntil(lambda: GRACE in tracks_by_name(controller))
    today = datetime.now(UTC).astimezone().date()
    assert person_file(tmp_path / "gallery", GRACE)["consent"] == f"{consent_text()} ({today.isoformat()})"


def test_naming_a_stranger_who_left_records_the_consent(
    controller: SessionController, window: QWidget, qtbot: QtBot, tmp_path: Path
) -> None:
    controller.start()
    qtbot.waitUntil(lambda: None in tracks_by_name(controller))
    qtbot.waitUntil(lambda: controller.visitor_tracker.visitors[0].portrait.score > 0)
    past = controller.visitor_tracker.visitors[0]
    controller.visitor_tracker.end()

    field = NameField(controller, next(v for v in controller.visitor_tracker.visitors if not v.is_present), window)
    field.open_at(window.mapToGlobal(QPoint(10, 10)))
    field.form.consent.box.setChecked(True)
    qtbot.keyClicks(field.edit, GRACE)
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)

    assert past.name is None
    qtbot.waitUntil((tmp_path / "gallery" / GRACE / "person.toml").exists)
    assert str(person_file(tmp_path / "gallery", GRACE)["consent"]).startswith(consent_text())
