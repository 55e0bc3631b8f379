"""Tests of the gallery page: it shows the folder, changes it, and undoes its changes."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QDropEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from facecam.gallery.audit import AuditResult, audit_gallery
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.gallery.people import PersonFile, to_toml
from facecam.gallery.quarantine import quarantine_sets
from facecam.gallery.service import GalleryService
from facecam.imageio import read_image, write_image
from facecam.networks.user_networks import InputForm, TrainedNetwork, networks_dir, read_trained, write_trained
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings
from facecam.ui.background import ProgressCallback
from facecam.ui.consent import consent_record, with_local_dates
from facecam.ui.gallery import page as page_module
from facecam.ui.gallery.model import DETAIL, PERSON, PHOTO
from facecam.ui.gallery.page import DetailPane, GalleryPage
from facecam.ui.gallery.views import DropList
from facecam.ui.session_controller import AppPaths, SessionController
from facecam.ui.widgets import PhotoView
from facecam.ui.window.pages import GALLERY
from facecam.ui.window.window import Window
from tests.image_samples import odd_photos
from tests.ui.leaks import count_objects, open_and_close

SETTINGS = Settings()
Opened = Callable[..., GalleryPage]


@pytest.fixture
def root(gallery: Path, portraits: dict[str, Path]) -> Path:
    """Eileen Collins with a photo; Grace Hopper with one and a photo of a cat."""
    (gallery / "Grace Hopper").mkdir()
    shutil.copy(portraits["grace_hopper"], gallery / "Grace Hopper")
    shutil.copy(portraits["cat"], gallery / "Grace Hopper")
    for name in ("Eileen Collins", "Grace Hopper"):
        (gallery / name / "person.toml").write_text(to_toml(PersonFile.new(name)), encoding="utf-8")
    return gallery


@pytest.fixture
def still(make_controller: Callable[..., SessionController], root: Path) -> SessionController:
    """A session that is not started but has read the gallery."""
    made = make_controller()
    made.paths = AppPaths(root)
    with open_face_analyzer(SETTINGS) as reader:
        made.gallery = Gallery.load(root, reader, conditions=analysis_conditions(SETTINGS))
    return made


@pytest.fixture
def page(qtbot: QtBot, still: SessionController) -> GalleryPage:
    """The page with all people."""
    opened = GalleryPage(still)
    qtbot.addWidget(opened, before_close_func=lambda page: page._jobs.close())
    opened.show()
    wait_until_idle(qtbot, opened)
    return opened


def wait_until_idle(qtbot: QtBot, page: GalleryPage) -> None:
    qtbot.waitUntil(lambda: not page._jobs.is_busy)


def content(root: Path) -> dict[str, bytes]:
    """Return all files except the caches and the lock."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and not {".cache", ".lock"} & set(path.parts)]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def names(page: GalleryPage) -> list[str]:
    return [page._sorted.index(row, 0).data() for row in range(page._sorted.rowCount())]


def select(page: GalleryPage, name: str) -> None:
    page._people_view.setCurrentIndex(page._sorted.index(names(page).index(name), 0))


def photos(page: GalleryPage) -> list[str]:
    return [page._photos.index(row).data(PHOTO).name for row in range(page._photos.rowCount())]


def press(qtbot: QtBot, button: object) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def header_button(page: GalleryPage, text: str) -> QPushButton:
    return next(button for button in page._header.findChildren(QPushButton) if button.text() == text)


def row_texts(rows: QListWidget) -> list[str]:
    return [rows.item(row).text() for row in range(rows.count())]


def drop_on(view: DropList, paths: list[Path], place: QPoint) -> None:
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(QPointF(place), Qt.DropAction.CopyAction, files, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    view.dropEvent(event)


def test_people_are_listed_with_photos_and_the_reason_why_one_is_not_used(page: GalleryPage) -> None:
    assert names(page) == ["Eileen Collins", "Grace Hopper"]

    select(page, "Grace Hopper")

    assert photos(page) == ["cat.jpg", "grace_hopper.jpg"]
    assert page._photos.index(0).data(DETAIL) == "Not used: no face found"
    assert page._photos.index(1).data(DETAIL) == ""
    assert "Photos: 2, in use: 1" in page._header.facts.text()


def test_photos_that_cannot_be_read_are_named_beside_the_others(root: Path, qtbot: QtBot, request: pytest.FixtureRequest) -> None:
    for name, data in odd_photos().items():
        (root / "Grace Hopper" / name).write_bytes(data)

    page: GalleryPage = request.getfixturevalue("page")
    select(page, "Grace Hopper")
    page.grab()
    qtbot.waitUntil(lambda: photos(page) != [])

    details = {page._photos.index(row).data(PHOTO).name: page._photos.index(row).data(DETAIL) for row in range(7)}
    unreadable = odd_photos().keys() - {"wide.jpg"}
    assert {name for name, detail in details.items() if detail == "Not used: could not be read as an image"} == unreadable
    assert details["grace_hopper.jpg"] == ""


def test_consent_and_date_come_from_person_toml(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    toml = root / "Eileen Collins" / "person.toml"
    text = toml.read_text(encoding="utf-8").replace('consent = ""', 'consent = "agreed in May"')
    toml.write_text(text.replace(text.split("created = ")[1], "2026-05-03T10:00:00Z\n"), encoding="utf-8")

    page.refresh()
    wait_until_idle(qtbot, page)

    assert page._header.consent.text() == "Consent: agreed in May"
    assert "3 May 2026" in page._header.facts.text()


def test_f2_renames_in_place_and_undo_restores_the_name(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    select(page, "Eileen Collins")
    qtbot.keyClick(page._people_view, Qt.Key.Key_F2)
    editor = page._people_view.findChild(QLineEdit)
    card = page._people_view.visualRect(page._people_view.currentIndex())
    assert editor.geometry().bottom() <= card.center().y() + 1, "the number of photos below the name stays visible"

    editor.setText("王小明")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "王小明" in names(page))
    assert (root / "王小明" / "eileen_collins.jpg").exists()
    assert page.selected_person is not None
    assert page.selected_person.name == "王小明"
    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_until_idle(qtbot, page)

    assert content(root) == before


def test_renaming_to_an_existing_name_posts_a_message(page: GalleryPage, qtbot: QtBot) -> None:
    select(page, "Eileen Collins")

    with qtbot.waitSignal(page.message_posted) as message:
        page._people.setData(page._sorted.mapToSource(page._people_view.currentIndex()), "Grace Hopper")
    wait_until_idle(qtbot, page)

    assert "Grace Hopper is enrolled already" in message.args[0]
    assert names(page) == ["Eileen Collins", "Grace Hopper"]
    assert not page._undo_button.isEnabled()


def test_delete_removes_a_person_after_a_question_with_the_content(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    select(page, "Grace Hopper")
    qtbot.keyClick(page._people_view, Qt.Key.Key_Delete)
    assert "Remove Grace Hopper?" in page._question.text
    assert "photos: 2" in page._question.text
    assert content(root) == before

    press(qtbot, page._question._accept)
    wait_until_idle(qtbot, page)
    assert names(page) == ["Eileen Collins"]
    assert not (root / "Grace Hopper").exists()
    assert "Removed Grace Hopper (photos: 2)." in page._message.accessibleName()
    press(qtbot, page._undo_button)
    wait_until_idle(qtbot, page)

    assert content(root) == before
    assert names(page) == ["Eileen Collins", "Grace Hopper"]


def test_a_removed_person_is_not_in_the_heads_of_names_any_more(page: GalleryPage, qtbot: QtBot) -> None:
    form, names = InputForm(96, 3), ("Ann", "Ben", "Grace Hopper")
    head = TrainedNetwork(networks_dir() / "names", "names", "nn4_small2_facecam_v2", form, names, "", "", {"threshold_l2": 0.7})
    write_trained(head, {"prototypes": np.eye(3, 128, dtype=np.float32)})
    select(page, "Grace Hopper")
    page._ask_to_remove()

    press(qtbot, page._question._accept)
    wait_until_idle(qtbot, page)

    assert read_trained(head.folder).labels == ("Ann", "Ben")


def test_an_answered_question_removes_that_person_whatever_another_program_renamed(
    page: GalleryPage, root: Path, qtbot: QtBot
) -> None:
    select(page, "Grace Hopper")
    qtbot.keyClick(page._people_view, Qt.Key.Key_Delete)
    for old, new in (("Grace Hopper", "Grace"), ("Eileen Collins", "Grace Hopper")):
        GalleryService(root).rename(old, new)

    press(qtbot, page._question._accept)
    wait_until_idle(qtbot, page)

    assert names(page) == ["Grace Hopper"]
    assert (root / "Grace Hopper" / "person.toml").exists()
    assert not (root / "Grace").exists()


def test_escape_and_return_on_cancel_dismiss_the_question(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Return):
        page._ask_to_remove()
        qtbot.keyClick(page._question._cancel, key)
        wait_until_idle(qtbot, page)

        assert page._question.text == ""
    assert content(root) == before


def test_a_question_is_answered_by_keyboard_and_returns_the_focus(page: GalleryPage, qtbot: QtBot) -> None:
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    question, people = page._question, page._people_view
    people.setFocus()

    qtbot.keyClick(people, Qt.Key.Key_Delete)
    assert question._cancel.hasFocus()
    qtbot.keyClick(question._cancel, Qt.Key.Key_Tab)
    assert question._accept.hasFocus()
    qtbot.keyClick(question._accept, Qt.Key.Key_Escape)

    assert people.hasFocus()


def test_escape_goes_back_one_step_at_a_time(page: GalleryPage, qtbot: QtBot) -> None:
    left: list[bool] = []
    page.finished.connect(lambda: left.append(True))
    page._check()
    qtbot.waitUntil(lambda: page._panes.currentIndex() == DetailPane.FINDINGS)

    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page._panes.currentIndex() == DetailPane.PERSON
    page._ask_to_remove()
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not page._question.isVisible()
    assert not left
    qtbot.keyClick(page, Qt.Key.Key_Escape)

    assert left == [True]


def test_delete_removes_the_chosen_photos_and_undo_restores_every_byte(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    select(page, "Grace Hopper")
    page._grid.selectAll()

    qtbot.keyClick(page._grid, Qt.Key.Key_Delete)
    wait_until_idle(qtbot, page)
    assert photos(page) == []
    assert "Removed photos of Grace Hopper: 2." in page._message.accessibleName()
    press(qtbot, page._undo_button)
    wait_until_idle(qtbot, page)

    assert content(root) == before
    assert photos(page) == ["cat.jpg", "grace_hopper.jpg"]


def test_several_changes_are_undone_one_after_another(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    select(page, "Grace Hopper")
    page._grid.setCurrentIndex(page._photos.index(0))
    press(qtbot, page._remove_button)
    wait_until_idle(qtbot, page)
    assert not page._remove_button.isEnabled(), "no photo is selected any more"
    assert page.selected_person is not None
    page._rename(page.selected_person, "Ann")
    wait_until_idle(qtbot, page)
    page._ask_to_remove()
    press(qtbot, page._question._accept)
    wait_until_idle(qtbot, page)
    assert names(page) == ["Eileen Collins"]

    for _ in range(3):
        page.undo()
        wait_until_idle(qtbot, page)

    assert content(root) == before
    assert not page._undo_button.isEnabled()


def test_an_undo_requested_during_a_change_is_not_lost(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    select(page, "Grace Hopper")
    page._ask_to_remove()

    press(qtbot, page._question._accept)
    page.undo()
    wait_until_idle(qtbot, page)

    assert content(root) == before
    assert names(page) == ["Eileen Collins", "Grace Hopper"]


def test_an_undone_change_can_be_redone_and_undone_again(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    select(page, "Grace Hopper")
    page._ask_to_remove()
    press(qtbot, page._question._accept)
    wait_until_idle(qtbot, page)
    assert not page._redo_button.isEnabled()

    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_until_idle(qtbot, page)
    assert page._message.accessibleName() == "Undone: Removed Grace Hopper (photos: 2)."
    assert (page._redo_button.isEnabled(), page._redo_button.toolTip()) == (True, "Removed Grace Hopper (photos: 2).")
    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    wait_until_idle(qtbot, page)
    assert (names(page), page._redo_button.isEnabled()) == (["Eileen Collins"], False)
    press(qtbot, page._undo_button)
    wait_until_idle(qtbot, page)

    assert content(root) == before


def test_merging_explains_the_result_and_can_be_undone(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    select(page, "Grace Hopper")
    page._ask_to_merge()
    assert "Eileen Collins, who will have 3 photos" in page._question.text
    assert page._question.warning.text() == (
        "Grace Hopper and Eileen Collins look different. Merge them only if they are one person."
    )
    portraits = page._question.findChildren(PhotoView)
    assert [view.accessibleName() for view in portraits] == ["Grace Hopper", "Eileen Collins"]
    assert [view._path.parent.name for view in portraits if view._path is not None] == ["Grace Hopper", "Eileen Collins"]

    press(qtbot, page._question._accept)
    wait_until_idle(qtbot, page)
    assert names(page) == ["Eileen Collins"]
    assert len(photos(page)) == 3
    page.undo()
    wait_until_idle(qtbot, page)

    assert content(root) == before


def test_people_who_look_alike_are_merged_without_a_warning(
    page: GalleryPage, still: SessionController, root: Path, qtbot: QtBot
) -> None:
    image = read_image(root / "Eileen Collins" / "eileen_collins.jpg")
    (root / "Eileen").mkdir()
    write_image(root / "Eileen" / "mirrored.jpg", np.ascontiguousarray(image[:, ::-1]))
    with open_face_analyzer(SETTINGS) as reader:
        still.gallery = Gallery.load(root, reader, conditions=analysis_conditions(SETTINGS))
    still.gallery_changed.emit()
    qtbot.waitUntil(lambda: "Eileen" in names(page))
    select(page, "Eileen")

    page._ask_to_merge()
    assert page._question._choices.currentText() == "Eileen Collins"
    assert not page._question.warning.isVisible()
    page._question._choices.setCurrentText("Grace Hopper")

    assert page._question.warning.isVisible()


def test_enter_in_the_list_of_people_does_not_merge_people_who_look_different(
    page: GalleryPage, root: Path, qtbot: QtBot
) -> None:
    before = content(root)
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    select(page, "Grace Hopper")
    page._ask_to_merge()
    assert page._question._choices.hasFocus()

    qtbot.keyClick(page._question._choices, Qt.Key.Key_Return)
    assert page._question._cancel.hasFocus()
    qtbot.keyClick(page._question._cancel, Qt.Key.Key_Return)
    wait_until_idle(qtbot, page)

    assert page._question.text == ""
    assert content(root) == before


def test_people_who_cannot_be_compared_are_merged_with_a_note(page: GalleryPage, still: SessionController) -> None:
    still.gallery = None
    select(page, "Grace Hopper")

    page._ask_to_merge()

    assert page._question.warning.text() == "The photos of these two could not be compared."


def test_another_question_shows_no_portraits(page: GalleryPage) -> None:
    page._ask_to_merge()

    page._ask_to_remove()

    assert not any(view.isVisible() for view in page._question.findChildren(PhotoView))
    assert not page._question.warning.isVisible()


def test_consent_is_added_by_keyboard_and_undone(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    select(page, "Eileen Collins")
    assert page._header.consent.text() == "No consent is recorded."
    press(qtbot, header_button(page, "Add consent…"))
    form = page._consent
    assert form.consent.box.hasFocus()
    assert not form.save.isEnabled()

    qtbot.keyClick(form.consent.box, Qt.Key.Key_Space)
    qtbot.keyClick(form.consent.box, Qt.Key.Key_Return)
    wait_until_idle(qtbot, page)

    assert not form.isVisible()
    consent = GalleryService(root).person("Eileen Collins").consent
    assert consent == consent_record(datetime.now(UTC).astimezone().date())
    assert page._header.consent.text() == f"Consent: {with_local_dates(consent)}"
    press(qtbot, page._undo_button)
    wait_until_idle(qtbot, page)
    assert content(root) == before


def edit_consent(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    """Open the form for a consent that is recorded."""
    GalleryService(root).record_consent("Eileen Collins", "agreed (2026-05-03)")
    page.refresh()
    wait_until_idle(qtbot, page)
    select(page, "Eileen Collins")
    press(qtbot, header_button(page, "Edit consent…"))


def test_a_consent_keeps_its_date_when_its_text_is_changed(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    edit_consent(page, root, qtbot)
    assert page._consent.text.toPlainText() == "agreed"
    assert page._consent._hint.text().startswith("Recorded: 3 May 2026. The date stays")

    page._consent.text.setPlainText("Signed form 12")
    press(qtbot, page._consent.save)
    wait_until_idle(qtbot, page)

    assert GalleryService(root).person("Eileen Collins").consent == "Signed form 12 (2026-05-03)"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("Form 2026-1 (2026-05-03)", "Form 2026-1 (3 May 2026)"),
        ("on paper (2026-05-03T12:00:00+00:00)", "on paper (3 May 2026)"),
        ("on paper (2026-13-03)", "on paper (2026-13-03)"),
    ],
)
@pytest.mark.usefixtures("qapp")
def test_the_dates_of_a_consent_are_shown_in_the_format_of_the_user(stored: str, shown: str) -> None:
    assert with_local_dates(stored) == shown


def test_a_consent_that_is_too_long_is_not_cut(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    edit_consent(page, root, qtbot)
    form = page._consent

    form.text.setPlainText("x" * 2001)
    assert not form.save.isEnabled()
    assert form._hint.text() == "The text has 2001 characters. Shorten it to at most 2000."
    form.text.setPlainText("x" * 2000)
    assert "2000" not in form._hint.text()
    press(qtbot, form.save)
    wait_until_idle(qtbot, page)

    assert GalleryService(root).person("Eileen Collins").consent == f"{'x' * 2000} (2026-05-03)"


def test_a_withdrawn_consent_is_shown_with_its_date(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    edit_consent(page, root, qtbot)

    press(qtbot, page._consent.withdraw)
    wait_until_idle(qtbot, page)

    today = with_local_dates(datetime.now(UTC).astimezone().date().isoformat())
    assert page._header.consent.text() == (
        f"No consent is recorded. Withdrawn consent: agreed (3 May 2026); withdrawn on {today}"
    )
    assert header_button(page, "Add consent…").isVisible()


def test_escape_and_another_person_close_the_consent_form(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    select(page, "Eileen Collins")
    page._edit_consent()
    page._consent.consent.box.setChecked(True)
    qtbot.keyClick(page._consent.consent.box, Qt.Key.Key_Escape)
    assert not page._consent.isVisible()
    page._edit_consent()
    assert not page._consent.consent.box.isChecked()

    select(page, "Grace Hopper")

    assert not page._consent.isVisible()
    assert content(root) == before


def test_refused_ones_of_dropped_photos_are_named_with_a_sum_and_good_ones_are_added(
    page: GalleryPage, root: Path, qtbot: QtBot, portraits: dict[str, Path], tmp_path: Path
) -> None:
    before = content(root)
    (tmp_path / "torn.jpg").write_bytes(b"no image")
    select(page, "Grace Hopper")
    people = page._people_view
    place = people.visualRect(page._sorted.index(names(page).index("Grace Hopper"), 0)).center()

    drop_on(people, [portraits["grace_hopper"], portraits["coffee"], tmp_path / "torn.jpg"], place)
    qtbot.waitUntil(page._photo_results.isVisible)
    wait_until_idle(qtbot, page)

    assert row_texts(page._photo_results.list) == [
        "coffee.jpg: refused, no face found",
        "torn.jpg: refused, could not be read as an image",
    ]
    assert "Added: 1, already there: 0, refused: 2" in page._photo_results.summary.text()
    assert len(photos(page)) == 3
    page.undo()
    wait_until_idle(qtbot, page)
    assert content(root) == before


def test_added_photos_are_removed_by_undo_after_the_person_was_renamed(
    page: GalleryPage, root: Path, qtbot: QtBot, portraits: dict[str, Path]
) -> None:
    select(page, "Grace Hopper")
    page._add_photos(page.selected_person, [portraits["grace_hopper"]])
    wait_until_idle(qtbot, page)
    assert page._undo_button.toolTip() == "Added photos for Grace Hopper: 1."

    GalleryService(root).rename("Grace Hopper", "Grace")
    page.undo()
    wait_until_idle(qtbot, page)

    assert sorted(path.name for path in (root / "Grace").iterdir()) == ["cat.jpg", "grace_hopper.jpg", "person.toml"]
    assert not page._undo_button.isEnabled()


def test_a_change_that_can_never_be_undone_says_why_and_is_skipped(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    for name in ("Eileen Collins", "Grace Hopper"):
        select(page, name)
        page._grid.selectAll()
        press(qtbot, page._remove_button)
        wait_until_idle(qtbot, page)
    GalleryService(root).remove_person("Grace Hopper")

    with qtbot.waitSignal(page.message_posted) as message:
        page.undo()
    wait_until_idle(qtbot, page)

    assert message.args == ["Grace Hopper is not enrolled any more, so this change is not possible."]
    assert page._undo_button.toolTip() == "Removed photos of Eileen Collins: 1."


def test_a_photo_added_twice_is_reported_as_already_there(
    page: GalleryPage, root: Path, qtbot: QtBot, portraits: dict[str, Path]
) -> None:
    for _ in range(2):
        page._photo_results.hide()
        page._add_photos(page.selected_person, [portraits["eileen_collins"]])
        qtbot.waitUntil(page._photo_results.isVisible)
        wait_until_idle(qtbot, page)

    assert not page._photo_results.list.isVisible()
    assert "Added: 0, already there: 1, refused: 0" in page._photo_results.summary.text()


def test_photos_of_another_person_are_added_only_after_confirmation(
    page: GalleryPage, root: Path, qtbot: QtBot, portraits: dict[str, Path]
) -> None:
    before = content(root)
    select(page, "Grace Hopper")

    page._add_photos(page.selected_person, [portraits["eileen_collins"]])
    qtbot.waitUntil(page._photo_results.isVisible)
    assert "they do not all look like one person" in page._photo_results.summary.text()
    press(qtbot, page._photo_results._force)
    qtbot.waitUntil(page._photo_results.isVisible)
    assert "look like Eileen Collins" in page._photo_results.summary.text()
    assert content(root) == before
    press(qtbot, page._photo_results._force)
    wait_until_idle(qtbot, page)

    assert len(photos(page)) == 3


def test_a_folder_of_photos_can_be_dropped_on_the_grid(
    page: GalleryPage, qtbot: QtBot, portraits: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    shutil.copy(portraits["eileen_collins"], tmp_path / "photos" / "a.jpg")
    (tmp_path / "photos" / "notes.txt").touch()
    select(page, "Eileen Collins")

    drop_on(page._grid, [tmp_path / "photos"], QPoint(5, 5))
    qtbot.waitUntil(page._photo_results.isVisible)
    wait_until_idle(qtbot, page)

    assert "Added: 1, already there: 0, refused: 0" in page._photo_results.summary.text()


def test_photos_dropped_next_to_the_people_enroll_a_new_person(
    page: GalleryPage, qtbot: QtBot, portraits: dict[str, Path]
) -> None:
    people = page._people_view

    with qtbot.waitSignal(page.page_requested) as request:
        drop_on(people, [portraits["cat"]], people.viewport().rect().bottomLeft() - QPoint(0, 2))

    assert request.args == ["enroll", [portraits["cat"]]]


def test_the_check_finds_harmful_photos_quarantines_and_restores_them(
    page: GalleryPage, root: Path, qtbot: QtBot, portraits: dict[str, Path]
) -> None:
    shutil.copy(portraits["grace_hopper"], root / "Grace Hopper" / "again.jpg")
    before = content(root)
    press(qtbot, page._check_button)
    qtbot.waitUntil(lambda: page._panes.currentIndex() == DetailPane.FINDINGS)
    lines = row_texts(page._findings.list)
    assert any("again.jpg" in line or "grace_hopper.jpg" in line for line in lines if "the same photo" in line)
    assert any(line.startswith("Grace Hopper: cat.jpg\nno face found") for line in lines)
    figures = page._findings._figures
    assert [figures.itemAtPosition(1, column).widget().text() for column in (1, 2)] == ["3", "2"]

    press(qtbot, page._findings._quarantine)
    wait_until_idle(qtbot, page)
    assert [len(photos) for photos in quarantine_sets(root).values()] == [2]
    assert page._findings.summary.text() == "All photos are good."
    press(qtbot, page._findings._restore)
    wait_until_idle(qtbot, page)

    assert content(root) == before


def test_a_canceled_check_shows_no_findings(page: GalleryPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    canceled = threading.Event()

    def check_slowly(root: Path, settings: Settings, report_progress: ProgressCallback) -> AuditResult:
        def report_and_wait(done: int, total: int) -> None:
            report_progress(done, total)
            canceled.wait(60)

        return audit_gallery(root, settings, report_and_wait)

    monkeypatch.setattr(page_module, "audit_gallery", check_slowly)
    press(qtbot, page._check_button)
    qtbot.waitUntil(page._cancel_button.isVisible)

    press(qtbot, page._cancel_button)
    canceled.set()
    wait_until_idle(qtbot, page)

    assert page._panes.currentIndex() == DetailPane.PERSON
    assert page._message.accessibleName() == ""
    assert not page._cancel_button.isVisible()


def test_unchecked_findings_are_not_quarantined(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    press(qtbot, page._check_button)
    qtbot.waitUntil(lambda: page._panes.currentIndex() == DetailPane.FINDINGS)

    page._findings.list.item(0).setCheckState(Qt.CheckState.Unchecked)

    assert not page._findings._quarantine.isEnabled()
    assert page._findings.checked_photos() == []


def test_selected_photos_are_quarantined_and_undo_restores_them(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    select(page, "Grace Hopper")
    page._grid.setCurrentIndex(page._photos.index(0))

    press(qtbot, page._quarantine_button)
    wait_until_idle(qtbot, page)
    assert photos(page) == ["grace_hopper.jpg"]
    page.undo()
    wait_until_idle(qtbot, page)

    assert content(root) == before


def test_a_photo_replaced_under_the_same_name_is_reloaded(
    page: GalleryPage, root: Path, qtbot: QtBot, portraits: dict[str, Path]
) -> None:
    select(page, "Eileen Collins")
    photo = root / "Eileen Collins" / "eileen_collins.jpg"
    thumbnails = page._thumbnails[1]
    qtbot.waitUntil(lambda: thumbnails.pixmap(photo) is not None)
    before = thumbnails.pixmap(photo)

    shutil.copy(portraits["cat"], photo)
    os.utime(photo, (1, 1))
    page.refresh()
    wait_until_idle(qtbot, page)

    qtbot.waitUntil(lambda: thumbnails.pixmap(photo) is not None)
    assert thumbnails.pixmap(photo) is not before


def test_an_empty_gallery_offers_to_enroll_a_person(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    shutil.rmtree(root)
    root.mkdir()

    page.refresh()
    wait_until_idle(qtbot, page)

    assert page._panes.currentIndex() == DetailPane.EMPTY
    with qtbot.waitSignal(page.page_requested) as request:
        press(qtbot, page._enroll_first_button)
    assert request.args == ["enroll", None]


def test_people_stay_listed_while_their_folder_is_not_available(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    away = root.rename(root.with_name("away"))

    with qtbot.waitSignal(page.message_posted) as message:
        page._rename(page._people.people[0], "Ada")
    wait_until_idle(qtbot, page)

    assert message.args[0].startswith("The gallery ")
    assert names(page) == ["Eileen Collins", "Grace Hopper"]
    assert page._panes.currentIndex() == DetailPane.PERSON
    away.rename(root)
    page.refresh()
    wait_until_idle(qtbot, page)
    assert names(page) == ["Eileen Collins", "Grace Hopper"]


def test_a_name_is_found_by_typing(page: GalleryPage, qtbot: QtBot) -> None:
    qtbot.keyClicks(page._search, "grace")

    assert names(page) == ["Grace Hopper"]
    page._search.clear()
    qtbot.keyClicks(page._people_view, "e")
    assert page._people_view.currentIndex().data() == "Eileen Collins"


def test_the_folder_opens_in_the_file_manager(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    opened: list[Path] = []

    class Manager(GalleryPage):
        @Slot(QUrl)
        def open_url(self, url: QUrl) -> None:
            opened.append(Path(url.toLocalFile()))

    manager = Manager(page._controller)
    qtbot.addWidget(manager)
    QDesktopServices.setUrlHandler("file", manager, "open_url")
    select(page, "Eileen Collins")
    page._open_folder()
    QDesktopServices.unsetUrlHandler("file")
    manager._jobs.close()

    assert opened == [root / "Eileen Collins"]


def test_a_photo_added_with_the_file_manager_appears_automatically(
    controller: SessionController, root: Path, portraits: dict[str, Path], qtbot: QtBot
) -> None:
    controller.loop(True)  # only a running session watches the folder, and the demo is short for a busy machine
    page = GalleryPage(controller)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: names(page) == ["Eileen Collins", "Grace Hopper"])

    shutil.copytree(root / "Eileen Collins", root / "Ben")
    (root / "Ben" / "person.toml").unlink()

    qtbot.waitUntil(lambda: "Ben" in names(page))
    page.close()


def test_the_running_session_notices_a_rename(controller: SessionController, qtbot: QtBot) -> None:
    page = GalleryPage(controller)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: len(names(page)) > 0)
    person = page._people.people[0]

    page._rename(person, "Ann")

    def is_ann() -> bool:
        return controller.gallery is not None and "Ann" in [person.name for person in controller.gallery.people]

    qtbot.waitUntil(is_ann)
    page.close()


def test_pages_opened_and_closed_leak_no_objects(still: SessionController, qtbot: QtBot) -> None:
    open_and_close(qtbot, lambda: GalleryPage(still), 3)
    before = count_objects()

    open_and_close(qtbot, lambda: GalleryPage(still), 10)

    assert count_objects() == before


def test_sixty_people_in_every_script_fit(page: GalleryPage, root: Path, portraits: dict[str, Path], qtbot: QtBot) -> None:
    for number, name in enumerate(["王小明", "محمد بن عبد الله", "อภิสิทธิ์", "Ann " * 45, *(f"Ben {n}" for n in range(56))]):
        (root / f"more {number}").mkdir()
        (root / f"more {number}" / "person.toml").write_text(
            f'format_version = 1\nperson_id = "{number:032x}"\nname = "{name.strip()}"\ncreated = 2026-05-03T10:00:00Z\n',
            encoding="utf-8",
        )
    page.refresh()
    wait_until_idle(qtbot, page)

    assert len(names(page)) == 62
    for name in names(page):
        select(page, name)
        assert page.selected_person is not None
        assert page._header.name.accessibleName() == name
        assert page._people_view.currentIndex().data(PERSON) == page.selected_person
    assert page.grab().width() == page.width()


@pytest.mark.parametrize("size_wh", [(1024, 600), (1366, 768)])
def test_a_message_covers_no_button_of_the_page(qtbot: QtBot, window: Window, root: Path, size_wh: tuple[int, int]) -> None:
    window.resize(*size_wh)
    qtbot.waitUntil(lambda: window.controller.gallery is not None)
    window.toast.show_message("Saved as /home/ann/Pictures/facecam/2026-11-30_19-30-00.png", ("Show folder", lambda: None))
    page = window.pages.open(GALLERY)
    assert isinstance(page, GalleryPage)
    wait_until_idle(qtbot, page)
    qtbot.waitUntil(page._header.isVisible)

    def covered() -> list[str]:
        toast = QRect(window.toast.mapToGlobal(QPoint()), window.toast.size())
        buttons = [button for button in page.findChildren(QPushButton) if button.isVisible()]
        return [each.text() for each in buttons if toast.intersects(QRect(each.mapToGlobal(QPoint()), each.size()))]

    qtbot.waitUntil(lambda: not covered())
    window.toast.show_message("The consent was changed.", ("Undo", lambda: None))
    assert window.toast.isVisible()
    assert covered() == []
