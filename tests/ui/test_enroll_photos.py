"""Tests of enrollment from photos with the real models."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from facecam.gallery.people import read_people
from facecam.imageio import read_image
from facecam.ui.consent import consent_text
from facecam.ui.enrollment.layout import Scene
from facecam.ui.enrollment.page import EnrollmentPage
from facecam.ui.session_controller import SessionController
from facecam.ui.window.pages import ENROLL
from facecam.ui.window.window import Window


@pytest.fixture
def page(qtbot: QtBot, make_controller: Callable[..., SessionController]) -> EnrollmentPage:
    """The page of a session that is not started; Eileen Collins is enrolled."""
    made = EnrollmentPage(make_controller())
    qtbot.addWidget(made, before_close_func=lambda page: page._photo_scenes.close())
    made.resize(1000, 700)
    made.show()
    return made


@pytest.fixture
def group_photo(tmp_path: Path, portraits: dict[str, Path]) -> Path:
    """A photo of two people, Eileen Collins on the left."""
    both = [cv2.resize(read_image(portraits[who]), (512, 512)) for who in ("eileen_collins", "grace_hopper")]
    path = tmp_path / "together.png"
    assert cv2.imwrite(str(path), np.hstack(both))
    return path


def enroll(qtbot: QtBot, page: EnrollmentPage, paths: list[Path], name: str = "Grace Hopper") -> None:
    """Drop these photos and wait until the page needs an answer."""
    page.add(paths)
    page.parts.start.edit.setText(name)
    page.parts.start.consent.box.setChecked(True)
    page.parts.panel.press_main_button()
    wait_until_idle(qtbot, page)


def wait_until_idle(qtbot: QtBot, page: EnrollmentPage) -> None:
    qtbot.waitUntil(lambda: not page._photo_scenes.is_busy)


def press(qtbot: QtBot, page: EnrollmentPage, text: str) -> None:
    next(button for button in page.parts.panel.buttons if button.text().replace("&", "").startswith(text)).click()
    wait_until_idle(qtbot, page)


def photo_texts(page: EnrollmentPage) -> list[str]:
    """Return the text of each row in the list of photos."""
    photos = page.parts.photos
    return [photos.item(row).text() for row in range(photos.count())]


def people(folder: Path) -> dict[str, int]:
    return {person.name: len(person.photos) for person in read_people(folder).people}


def test_dropped_photos_are_listed_before_they_are_read(page: EnrollmentPage, portraits: dict[str, Path], tmp_path: Path) -> None:
    page.add([portraits["cat"], tmp_path])

    assert photo_texts(page) == ["cat.jpg", tmp_path.name]
    assert page.parts.panel.text.startswith("Photos or folders: 2.")
    assert not page.parts.panel.buttons[0].isEnabled()


def test_each_photo_has_its_result_and_good_ones_are_saved_with_consent(
    qtbot: QtBot, page: EnrollmentPage, gallery: Path, portraits: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "torn.jpg").write_bytes(b"no image")
    enroll(qtbot, page, [portraits["grace_hopper"], portraits["cat"], tmp_path / "torn.jpg"])

    assert page.scene is Scene.PHOTO_RESULTS
    assert photo_texts(page) == [
        "cat.jpg: refused, no face found",
        "torn.jpg: refused, could not be read as an image",
        "grace_hopper.jpg: added",
    ]
    assert page.parts.panel.title.text() == "Grace Hopper is enrolled"
    assert page.parts.panel.text == "Photos for Grace Hopper. Added: 1, already there: 0, refused: 2."
    assert people(gallery) == {"Eileen Collins": 1, "Grace Hopper": 1}
    consents = {person.name: person.consent for person in read_people(gallery).people}
    assert consents["Grace Hopper"].startswith(consent_text())
    with qtbot.waitSignals([page.enrolled, page.finished]):
        qtbot.keyClick(page.parts.panel.buttons[0], Qt.Key.Key_Return)


def test_added_photos_can_be_undone(qtbot: QtBot, page: EnrollmentPage, gallery: Path, portraits: dict[str, Path]) -> None:
    enroll(qtbot, page, [portraits["grace_hopper"]])
    assert people(gallery) == {"Eileen Collins": 1, "Grace Hopper": 1}

    press(qtbot, page, "Undo")

    assert people(gallery) == {"Eileen Collins": 1}
    assert page.scene is Scene.START
    assert page.parts.panel.text == "Undone: these photos were removed from the gallery."


def test_one_of_several_faces_is_chosen_by_keyboard(qtbot: QtBot, page: EnrollmentPage, gallery: Path, group_photo: Path) -> None:
    enroll(qtbot, page, [group_photo])
    assert photo_texts(page) == ["together.png: several faces"]
    assert people(gallery) == {"Eileen Collins": 1}
    press(qtbot, page, "Choose faces (1)")
    assert page.scene is Scene.FACE_SELECTION
    assert page.parts.panel.title.text() == "Which face is Grace Hopper?"

    qtbot.keyClick(page.parts.faces, Qt.Key.Key_Right)
    qtbot.keyClick(page.parts.faces, Qt.Key.Key_Return)
    wait_until_idle(qtbot, page)

    assert page.scene is Scene.PHOTO_RESULTS
    assert photo_texts(page) == ["together.png: added"]
    assert people(gallery) == {"Eileen Collins": 1, "Grace Hopper": 1}


def test_a_click_chooses_a_face_and_an_enrolled_one_raises_a_conflict(
    qtbot: QtBot, page: EnrollmentPage, gallery: Path, group_photo: Path
) -> None:
    enroll(qtbot, page, [group_photo], "Ann")
    press(qtbot, page, "Choose faces (1)")
    faces = page.parts.faces
    faces.grab()  # a click needs a painted face
    fit, box = faces._fit, faces._boxes[0]
    assert fit is not None
    place = fit.rect.topLeft() + QPointF(box.x + box.w / 2, box.y + box.h / 2) * fit.factor
    qtbot.mouseClick(faces, Qt.MouseButton.LeftButton, pos=place.toPoint())
    wait_until_idle(qtbot, page)

    assert page.scene is Scene.CONFLICT
    assert page.parts.panel.title.text() == "Is this the same person as Eileen Collins?"
    assert people(gallery) == {"Eileen Collins": 1}
    press(qtbot, page, "Yes, the same person")

    assert people(gallery) == {"Eileen Collins": 2}


def test_a_different_person_who_looks_the_same_can_be_enrolled(
    qtbot: QtBot, page: EnrollmentPage, gallery: Path, portraits: dict[str, Path]
) -> None:
    enroll(qtbot, page, [portraits["eileen_collins"]], "Ann")
    assert page.scene is Scene.CONFLICT

    press(qtbot, page, "No, a different person")

    assert people(gallery) == {"Ann": 1, "Eileen Collins": 1}


def test_none_of_the_faces_can_be_chosen(qtbot: QtBot, page: EnrollmentPage, gallery: Path, group_photo: Path) -> None:
    enroll(qtbot, page, [group_photo])
    press(qtbot, page, "Choose faces (1)")

    press(qtbot, page, "None of them")

    assert page.scene is Scene.PHOTO_RESULTS
    assert page.parts.panel.title.text() == "Nothing was added"
    assert people(gallery) == {"Eileen Collins": 1}


def test_a_folder_can_be_dropped(
    qtbot: QtBot, page: EnrollmentPage, gallery: Path, portraits: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    shutil.copy(portraits["grace_hopper"], tmp_path / "photos" / "a.jpg")
    enroll(qtbot, page, [tmp_path / "photos"])

    assert photo_texts(page) == ["a.jpg: added"]


def test_escape_cancels_the_check_of_photos(
    qtbot: QtBot, page: EnrollmentPage, gallery: Path, portraits: dict[str, Path]
) -> None:
    page.add([portraits["grace_hopper"]] * 2)
    page.parts.start.edit.setText("Grace Hopper")
    page.parts.start.consent.box.setChecked(True)
    page.parts.panel.press_main_button()
    assert page.scene is Scene.READING_PHOTOS

    qtbot.keyClick(page, Qt.Key.Key_Escape)

    assert page.scene is Scene.START
    assert photo_texts(page) == ["grace_hopper.jpg"] * 2


def test_photos_dropped_on_the_window_open_the_page(
    qtbot: QtBot,
    make_controller: Callable[..., SessionController],
    make_window: Callable[[SessionController], Window],
    portraits: dict[str, Path],
) -> None:
    window = make_window(make_controller())
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(portraits["grace_hopper"]))])
    mouse, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    window.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, files, mouse, keys))

    page = window.pages.widget(ENROLL)
    assert isinstance(page, EnrollmentPage)
    assert photo_texts(page) == ["grace_hopper.jpg"]


def both_people(portraits: dict[str, Path]) -> list[Path]:
    return [portraits["grace_hopper"], portraits["eileen_collins"]]


def test_photos_of_two_people_are_a_question_that_shows_both(
    qtbot: QtBot, page: EnrollmentPage, gallery: Path, portraits: dict[str, Path]
) -> None:
    enroll(qtbot, page, both_people(portraits))

    assert page.scene is Scene.CONFLICT
    assert page.parts.panel.title.text() == "Do all photos show Grace Hopper?"
    captions = [label.text() for label in page.parts.conflict.captions]
    assert captions == ["New photos: 1\ngrace_hopper.jpg", "New photos: 1\neileen_collins.jpg"]
    assert people(gallery) == {"Eileen Collins": 1}


def test_the_photos_of_another_person_can_be_left_out(
    qtbot: QtBot, page: EnrollmentPage, gallery: Path, portraits: dict[str, Path]
) -> None:
    enroll(qtbot, page, both_people(portraits))

    qtbot.keyClick(page.parts.panel.buttons[0], Qt.Key.Key_Return)
    wait_until_idle(qtbot, page)

    assert photo_texts(page) == ["eileen_collins.jpg: refused, looks like a different person", "grace_hopper.jpg: added"]
    assert people(gallery) == {"Eileen Collins": 1, "Grace Hopper": 1}


def test_all_photos_are_saved_after_confirmation(
    qtbot: QtBot, page: EnrollmentPage, gallery: Path, portraits: dict[str, Path]
) -> None:
    enroll(qtbot, page, both_people(portraits))

    press(qtbot, page, "Yes, one person")
    assert page.parts.panel.title.text() == "Is this the same person as Eileen Collins?"
    press(qtbot, page, "No, a different person")

    assert people(gallery) == {"Eileen Collins": 1, "Grace Hopper": 2}


def test_photos_of_somebody_else_than_the_enrolled_person_are_not_added_by_enter(
    qtbot: QtBot, page: EnrollmentPage, gallery: Path, portraits: dict[str, Path]
) -> None:
    enroll(qtbot, page, [portraits["grace_hopper"]], "Eileen Collins")
    assert page.scene is Scene.CONFLICT
    assert page.parts.conflict.captions[1].text() == "New photos: 1\ngrace_hopper.jpg"

    qtbot.keyClick(page.parts.panel.buttons[0], Qt.Key.Key_Return)

    assert page.scene is Scene.START
    assert people(gallery) == {"Eileen Collins": 1}
