"""What a paused or ended session shows after corrections, and after changes of the gallery, the threshold or the mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from facecam.gallery.service import GalleryService
from facecam.types import DecisionStatus
from facecam.ui.explanation.panel import ExplanationPanel
from facecam.ui.people_panel import PeoplePanel
from facecam.ui.session_controller import SessionController
from facecam.ui.window.correction_controller import CorrectionController
from facecam.ui.window.pages import PEOPLE, WHY
from facecam.ui.window.window import Window
from tests.ui.portraits import EILEEN, GRACE, enroll_portraits, portraits_controller, tracks_by_name


@pytest.fixture
def controller(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    enroll_portraits(tmp_path / "gallery", EILEEN)
    made = portraits_controller(tmp_path, EILEEN)
    yield made
    assert made.stop()


@pytest.fixture
def paused(qtbot: QtBot, controller: SessionController, make_window: Callable[[SessionController], Window]) -> Window:
    """A window whose session is paused while it shows Eileen."""
    window = make_window(controller)
    controller.start()
    qtbot.waitUntil(lambda: EILEEN in tracks_by_name(controller))
    window.app_actions["pause"].trigger()
    shown: list[object] = []

    def is_still() -> bool:
        shown.append(controller.results[0][0])
        return len(shown) > 20 and len({id(frame) for frame in shown[-20:]}) == 1

    qtbot.waitUntil(is_still)
    return window


def titles(window: Window) -> list[str]:
    return [face.title for face in window.video.visible_faces()]


def cards(window: Window) -> str:
    panel = window.pages.widget(PEOPLE)
    assert isinstance(panel, PeoplePanel)
    return "\n".join(panel.item(row).text() for row in range(panel.count()))


def test_a_correction_changes_the_paused_video_the_card_and_the_explanation_at_once(qtbot: QtBot, paused: Window) -> None:
    controller = paused.controller
    frame, corrections = controller.frames[0], CorrectionController.for_controller(controller)
    eileen = controller.visitor_tracker.visitor_of(tracks_by_name(controller)[EILEEN])
    assert eileen is not None
    assert titles(paused) == [EILEEN]
    assert EILEEN in cards(paused)

    corrections.reject_name(eileen, EILEEN)
    qtbot.waitUntil(lambda: EILEEN not in "".join(titles(paused)) and EILEEN not in cards(paused))
    panel = paused.pages.open(WHY, eileen.last_track_id)
    assert isinstance(panel, ExplanationPanel)
    qtbot.waitUntil(lambda: panel.report is not None and panel.report.decision.reason == "corrected")

    corrections.undo()
    qtbot.waitUntil(lambda: titles(paused) == [EILEEN])
    qtbot.waitUntil(lambda: panel.report is not None and panel.report.decision.name == EILEEN)
    paused.pages.open(PEOPLE)
    qtbot.waitUntil(lambda: EILEEN in cards(paused))
    assert controller.is_paused
    assert controller.frames[0] is frame
    assert [visitor.visits for visitor in controller.visitor_tracker.visitors] == [1]


def test_a_renamed_person_and_another_threshold_change_the_paused_video_at_once(qtbot: QtBot, paused: Window) -> None:
    controller = paused.controller
    assert controller.gallery is not None
    GalleryService(controller.gallery.folder).rename(controller.gallery.people[0], GRACE)
    qtbot.waitUntil(lambda: titles(paused) == [GRACE] and GRACE in cards(paused))

    controller.change(controller.settings.replace({"identify.threshold_l2": 0.001, "identify.unsure_band_l2": 0.0}))
    qtbot.waitUntil(lambda: GRACE not in "".join(titles(paused)))


def test_a_person_who_is_removed_while_the_video_is_paused_is_covered(qtbot: QtBot, paused: Window) -> None:
    controller, cover = paused.controller, paused.app_actions["cover"]
    paused.app_actions["pause"].trigger()
    cover.setChecked(True)
    qtbot.waitUntil(lambda: bool(controller.covered_frames) and not controller.covered_frames[0][1])
    paused.app_actions["pause"].trigger()
    qtbot.waitUntil(lambda: titles(paused) == [EILEEN])
    uncovered = paused.video.snapshot()
    assert uncovered is not None
    assert controller.gallery is not None

    GalleryService(controller.gallery.folder).remove_person(controller.gallery.people[0])

    qtbot.waitUntil(lambda: controller.results[0][1].sightings[0].track_decision.decision.status is not DecisionStatus.KNOWN)
    (area,) = controller.covered_frames[0][1]
    covered = paused.video.snapshot()
    assert covered is not None
    center = round(area.x + area.w / 2), round(area.y + area.h / 2)
    assert covered.pixelColor(*center) != uncovered.pixelColor(*center)
    cover.setChecked(False)


def test_after_the_end_of_a_session_objects_mode_shows_no_face_label(qtbot: QtBot, paused: Window) -> None:
    controller = paused.controller
    with qtbot.waitSignal(controller.ended):
        paused.app_actions["end"].trigger()
    assert titles(paused) == [EILEEN]
    labeled = paused.video.snapshot()

    paused.app_actions["objects"].trigger()
    assert titles(paused) == []
    assert paused.video.snapshot() != labeled

    paused.app_actions["faces"].trigger()
    assert titles(paused) == [EILEEN]


def test_after_the_end_of_a_session_a_changed_gallery_and_threshold_change_what_is_shown(qtbot: QtBot, paused: Window) -> None:
    controller = paused.controller
    with qtbot.waitSignal(controller.ended):
        paused.app_actions["end"].trigger()
    assert controller.gallery is not None
    assert controller.log_path is not None
    log, service = controller.log_path.read_bytes(), GalleryService(controller.gallery.folder)

    service.rename(controller.gallery.people[0], GRACE)
    qtbot.waitUntil(lambda: titles(paused) == [GRACE] and GRACE in cards(paused))
    qtbot.waitUntil(lambda: controller.gallery is not None and controller.gallery.people[0].name == GRACE)
    service.remove_person(controller.gallery.people[0])
    qtbot.waitUntil(lambda: GRACE not in "".join(titles(paused)) and GRACE not in cards(paused))
    assert controller.log_path.read_bytes() == log


def test_after_the_end_of_a_session_another_threshold_applies_at_once(qtbot: QtBot, paused: Window) -> None:
    controller = paused.controller
    with qtbot.waitSignal(controller.ended):
        paused.app_actions["end"].trigger()
    strict = controller.settings.replace({"identify.threshold_l2": 0.001, "identify.unsure_band_l2": 0.0})

    controller.change(strict)
    qtbot.waitUntil(lambda: EILEEN not in "".join(titles(paused)))
    assert controller.settings == strict
    controller.change(strict.replace({"identify.threshold_l2": 0.3}))
    qtbot.waitUntil(lambda: titles(paused) == [EILEEN])
