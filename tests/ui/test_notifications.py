"""Notifications about chosen people and strangers, on real recognition of the bundled portraits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from facecam.ui.arrivals import ArrivalWatcher
from facecam.ui.notifications import ArrivalNotifier, NotificationChoice
from facecam.ui.people_panel import PeoplePanel
from facecam.ui.preferences import open_store
from facecam.ui.session_controller import SessionController
from facecam.ui.settings.background import BackgroundSettings
from tests.ui.portraits import EILEEN, GRACE, PortraitStream, portraits_controller, tracks_by_name

STRANGER = "An unknown person is here."


@pytest.fixture
def controller(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    made = portraits_controller(tmp_path, EILEEN, GRACE)
    yield made
    assert made.stop()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """A window that is not in use, because it is not shown."""
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def sent(controller: SessionController, window: QWidget) -> list[str]:
    """The notifications of the controller's session, in place of the desktop."""
    sentences: list[str] = []
    ArrivalNotifier(ArrivalWatcher(controller, window), open_store(), sentences.append, window)
    return sentences


def choose(stream: PortraitStream, *names: str, strangers: bool = False) -> None:
    ids = {person.person_id for person in stream.gallery.people if person.name in names}
    NotificationChoice(frozenset(ids), strangers).save(open_store())


def test_a_real_session_notifies_once_about_a_chosen_person(
    controller: SessionController, stream: PortraitStream, sent: list[str], qtbot: QtBot
) -> None:
    choose(stream, EILEEN)

    controller.start()
    qtbot.waitUntil(lambda: bool(sent))
    index = controller.results[0][0].index
    qtbot.waitUntil(lambda: controller.results[0][0].index > index + 20)

    assert sent == [f"{EILEEN} is here."]


def test_nobody_is_notified_about_without_a_choice(
    controller: SessionController, stream: PortraitStream, sent: list[str]
) -> None:
    stream.show(controller, 60)

    assert sent == []


def test_an_enrolled_person_who_is_not_chosen_causes_no_notification_while_strangers_do(
    controller: SessionController, stream: PortraitStream, sent: list[str]
) -> None:
    choose(stream, strangers=True)
    stream.show(controller, 60)

    assert sent == [STRANGER]


def test_a_face_that_is_unknown_for_a_moment_is_no_stranger(
    controller: SessionController, stream: PortraitStream, sent: list[str]
) -> None:
    choose(stream, strangers=True)
    stream.show(controller, 40)

    assert sent == []


def test_a_short_absence_is_the_same_visit(controller: SessionController, stream: PortraitStream, sent: list[str]) -> None:
    choose(stream, EILEEN, strangers=True)
    stream.show(controller, 60)
    stream.pass_time(controller, 30)
    stream.show(controller, 60)

    assert sorted(sent) == [STRANGER, f"{EILEEN} is here."]


def test_a_visit_after_a_long_absence_is_a_new_one(
    controller: SessionController, stream: PortraitStream, sent: list[str]
) -> None:
    choose(stream, EILEEN)
    stream.show(controller)
    stream.pass_time(controller, 120)
    stream.show(controller)

    assert sent == [f"{EILEEN} is here."] * 2


def test_two_strangers_at_once_cause_one_notification(
    controller: SessionController, sent: list[str], tmp_path: Path, stream: PortraitStream
) -> None:
    strangers = PortraitStream(tmp_path / "nobody", EILEEN, GRACE)
    NotificationChoice(strangers=True).save(open_store())
    with strangers.recognizer:
        strangers.show(controller, 70)

    assert sent == [STRANGER]


def test_nothing_is_sent_while_the_window_is_in_use(
    controller: SessionController, stream: PortraitStream, sent: list[str], window: QWidget, qtbot: QtBot
) -> None:
    choose(stream, EILEEN)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    stream.show(controller)
    window.hide()
    stream.show(controller)

    assert sent == []


def test_people_who_are_present_when_the_window_is_created_have_arrived_before(
    controller: SessionController, stream: PortraitStream, window: QWidget
) -> None:
    stream.show(controller, 60)
    arrived: list[object] = []
    ArrivalWatcher(controller, window).arrived.connect(arrived.append)
    stream.show(controller, 10)

    assert arrived == []


def test_somebody_who_left_a_moment_before_the_window_was_created_does_not_arrive_again(
    controller: SessionController, stream: PortraitStream, window: QWidget
) -> None:
    stream.show(controller, 60)
    stream.pass_time(controller, 10)
    arrived: list[object] = []
    ArrivalWatcher(controller, window).arrived.connect(arrived.append)
    stream.show(controller, 10)

    assert arrived == []


def test_strangers_of_the_next_session_arrive_again(controller: SessionController, window: QWidget, qtbot: QtBot) -> None:
    arrived: list[object] = []
    ArrivalWatcher(controller, window).arrived.connect(arrived.append)

    controller.start()
    qtbot.waitUntil(lambda: len(arrived) == 2)
    controller.start()  # its tracks have the same numbers
    qtbot.waitUntil(lambda: len(arrived) == 4)


def test_people_and_strangers_are_chosen_in_the_settings(
    controller: SessionController, stream: PortraitStream, qtbot: QtBot
) -> None:
    stream.show(controller)
    page = BackgroundSettings(controller)
    qtbot.addWidget(page)
    page.show()
    assert [page.people.item(row).text() for row in range(page.people.count())] == [EILEEN]

    page.people.item(0).setCheckState(Qt.CheckState.Checked)
    page.strangers.click()
    assert NotificationChoice.load(open_store()) == NotificationChoice(
        frozenset({stream.gallery.people[0].person_id}), strangers=True
    )

    page.people.item(0).setCheckState(Qt.CheckState.Unchecked)
    page.strangers.click()
    assert NotificationChoice.load(open_store()) == NotificationChoice()


def test_a_person_is_chosen_by_keyboard(controller: SessionController, stream: PortraitStream, qtbot: QtBot) -> None:
    stream.show(controller)
    page = BackgroundSettings(controller)
    qtbot.addWidget(page)
    page.show()
    page.people.setCurrentRow(0)
    qtbot.keyClick(page.people, Qt.Key.Key_Space)

    assert NotificationChoice.load(open_store()).person_ids == {stream.gallery.people[0].person_id}


def test_a_person_is_chosen_in_the_menu_of_the_face(
    controller: SessionController, stream: PortraitStream, sent: list[str], qtbot: QtBot
) -> None:
    stream.show(controller)
    panel = PeoplePanel(controller)
    qtbot.addWidget(panel)
    menu = panel.menu_for(tracks_by_name(controller)[EILEEN])
    action = next(action for action in menu.actions() if action.text().replace("&", "") == f"Notify me when {EILEEN} appears")
    assert not action.isChecked()
    action.trigger()
    menu.close()

    stream.pass_time(controller, 120)
    stream.show(controller)
    assert sent == [f"{EILEEN} is here."]
