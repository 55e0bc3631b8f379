"""The gallery page: what is shown is what is in the folder, what is done there is done to the folder, and can be taken back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QDropEvent
from PySide6.QtWidgets import QLineEdit, QListWidget
from pytestqt.qtbot import QtBot

from facecam.gallery.gallery import Gallery, reading_conditions
from facecam.gallery.people import read_people
from facecam.gallery.quarantine import quarantine_sets
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings
from facecam.ui.gallery.layout import Side
from facecam.ui.gallery.model import DETAIL, PERSON, PHOTO
from facecam.ui.gallery.page import GalleryPage
from facecam.ui.gallery.views import DropList
from facecam.ui.session_controller import AppPaths, SessionController
from tests.ui.leaks import count_objects, open_and_close

SETTINGS = Settings()
Opened = Callable[..., GalleryPage]


@pytest.fixture
def root(gallery: Path, portraits: dict[str, Path]) -> Path:
    """Eileen Collins with a photo; Grace Hopper with one, and a cat that is no photo of her."""
    (gallery / "Grace Hopper").mkdir()
    shutil.copy(portraits["grace_hopper"], gallery / "Grace Hopper")
    shutil.copy(portraits["cat"], gallery / "Grace Hopper")
    read_people(gallery)
    return gallery


@pytest.fixture
def still(make_live: Callable[..., SessionController], root: Path) -> SessionController:
    """A Live that is not started, and has read the gallery."""
    made = make_live()
    made.places = AppPaths(root)
    with open_face_analyzer(SETTINGS) as reader:
        made.gallery = Gallery.load(root, reader, conditions=reading_conditions(SETTINGS))
    return made


@pytest.fixture
def page(qtbot: QtBot, still: SessionController) -> GalleryPage:
    """The page, with everybody in it."""
    opened = GalleryPage(still)
    qtbot.addWidget(opened, before_close_func=lambda page: page._jobs.close())
    opened.show()
    at_rest(qtbot, opened)
    return opened


def at_rest(qtbot: QtBot, page: GalleryPage) -> None:
    qtbot.waitUntil(lambda: not page._jobs.busy, timeout=60_000)


def content(root: Path) -> dict[str, bytes]:
    """Every file but the caches."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and ".cache" not in path.parts]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def names(page: GalleryPage) -> list[str]:
    return [page._sorted.index(row, 0).data() for row in range(page._sorted.rowCount())]


def choose(page: GalleryPage, name: str) -> None:
    page._parts.people.setCurrentIndex(page._sorted.index(names(page).index(name), 0))


def photos(page: GalleryPage) -> list[str]:
    return [page._photos.index(row).data(PHOTO).name for row in range(page._photos.rowCount())]


def press(qtbot: QtBot, button: object) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def lines_of(shown: QListWidget) -> list[str]:
    return [shown.item(row).text() for row in range(shown.count())]


def drop_on(view: DropList, paths: list[Path], place: QPoint) -> None:
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(QPointF(place), Qt.DropAction.CopyAction, files, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    view.dropEvent(event)


def test_everybody_stands_there_with_photos_and_the_reason_why_one_does_not_count(page: GalleryPage) -> None:
    assert names(page) == ["Eileen Collins", "Grace Hopper"]

    choose(page, "Grace Hopper")

    assert photos(page) == ["cat.jpg", "grace_hopper.jpg"]
    assert page._photos.index(0).data(DETAIL) == "Not used: no face was found"
    assert page._photos.index(1).data(DETAIL) == ""
    assert "Photos: 2, in use: 1" in page._parts.header.facts.text()


def test_consent_and_date_come_from_person_toml(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    toml = root / "Eileen Collins" / "person.toml"
    text = toml.read_text(encoding="utf-8").replace('consent = ""', 'consent = "said yes in May"')
    toml.write_text(text.replace(text.split("created = ")[1], "2026-05-03T10:00:00Z\n"), encoding="utf-8")

    page.refresh()
    at_rest(qtbot, page)

    assert page._parts.header.consent.text() == "Consent: said yes in May"
    assert "3 May 2026" in page._parts.header.facts.text()


def test_f2_renames_in_place_and_undo_gives_the_name_back(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    choose(page, "Eileen Collins")
    qtbot.keyClick(page._parts.people, Qt.Key.Key_F2)
    editor = page._parts.people.findChild(QLineEdit)

    editor.setText("王小明")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "王小明" in names(page))
    assert (root / "王小明" / "eileen_collins.jpg").exists()
    assert page.person is not None
    assert page.person.name == "王小明"
    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    at_rest(qtbot, page)

    assert content(root) == before


def test_a_name_that_is_taken_is_answered_with_a_sentence(page: GalleryPage, qtbot: QtBot) -> None:
    choose(page, "Eileen Collins")

    with qtbot.waitSignal(page.said) as said:
        page._people.setData(page._sorted.mapToSource(page._parts.people.currentIndex()), "Grace Hopper")
    at_rest(qtbot, page)

    assert "Grace Hopper is there already" in said.args[0]
    assert names(page) == ["Eileen Collins", "Grace Hopper"]
    assert not page._parts.undo.isEnabled()


def test_delete_asks_says_what_goes_and_removes_a_person(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    choose(page, "Grace Hopper")
    qtbot.keyClick(page._parts.people, Qt.Key.Key_Delete)
    assert "Remove Grace Hopper?" in page._parts.question.words
    assert "photos: 2" in page._parts.question.words
    assert content(root) == before

    press(qtbot, page._parts.question._yes)
    at_rest(qtbot, page)
    assert names(page) == ["Eileen Collins"]
    assert not (root / "Grace Hopper").exists()
    assert "Grace Hopper was removed: photos: 2." in page._parts._told.whole()
    press(qtbot, page._parts.undo)
    at_rest(qtbot, page)

    assert content(root) == before
    assert names(page) == ["Eileen Collins", "Grace Hopper"]


def test_escape_and_return_on_the_no_of_a_question_do_nothing(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Return):
        page._ask_to_remove()
        qtbot.keyClick(page._parts.question._no, key)
        at_rest(qtbot, page)

        assert page._parts.question.words == ""
    assert content(root) == before


def test_a_question_is_answered_by_keys_and_gives_the_focus_back(page: GalleryPage, qtbot: QtBot) -> None:
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    question, people = page._parts.question, page._parts.people
    people.setFocus()

    qtbot.keyClick(people, Qt.Key.Key_Delete)
    assert question._no.hasFocus()
    qtbot.keyClick(question._no, Qt.Key.Key_Tab)
    assert question._yes.hasFocus()
    qtbot.keyClick(question._yes, Qt.Key.Key_Escape)

    assert people.hasFocus()


def test_escape_goes_one_step_back_at_a_time(page: GalleryPage, qtbot: QtBot) -> None:
    left: list[bool] = []
    page.finished.connect(lambda: left.append(True))
    page._check()
    qtbot.waitUntil(lambda: page._parts.side is Side.FINDINGS, timeout=60_000)

    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page._parts.side is Side.PERSON
    page._ask_to_remove()
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not page._parts.question.isVisible()
    assert not left
    qtbot.keyClick(page, Qt.Key.Key_Escape)

    assert left == [True]


def test_delete_removes_the_chosen_photos_and_undo_restores_every_byte(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    choose(page, "Grace Hopper")
    page._parts.grid.selectAll()

    qtbot.keyClick(page._parts.grid, Qt.Key.Key_Delete)
    at_rest(qtbot, page)
    assert photos(page) == []
    assert "Photos of Grace Hopper that were removed: 2." in page._parts._told.whole()
    press(qtbot, page._parts.undo)
    at_rest(qtbot, page)

    assert content(root) == before
    assert photos(page) == ["cat.jpg", "grace_hopper.jpg"]


def test_several_deeds_are_taken_back_one_after_the_other(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    choose(page, "Grace Hopper")
    page._parts.grid.setCurrentIndex(page._photos.index(0))
    press(qtbot, page._parts.remove_photos)
    at_rest(qtbot, page)
    assert page.person is not None
    page._rename(page.person, "Ann")
    at_rest(qtbot, page)
    page._ask_to_remove()
    press(qtbot, page._parts.question._yes)
    at_rest(qtbot, page)
    assert names(page) == ["Eileen Collins"]

    for _ in range(3):
        page.undo()
        at_rest(qtbot, page)

    assert content(root) == before
    assert not page._parts.undo.isEnabled()


def test_an_undo_that_comes_at_once_is_not_lost(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    choose(page, "Grace Hopper")
    page._ask_to_remove()

    press(qtbot, page._parts.question._yes)
    page.undo()
    at_rest(qtbot, page)

    assert content(root) == before
    assert names(page) == ["Eileen Collins", "Grace Hopper"]


def test_merging_says_what_will_happen_does_it_and_is_taken_back(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    choose(page, "Grace Hopper")
    page._ask_to_merge()
    assert "Eileen Collins, who will have 3 photos" in page._parts.question.words

    press(qtbot, page._parts.question._yes)
    at_rest(qtbot, page)
    assert names(page) == ["Eileen Collins"]
    assert len(photos(page)) == 3
    page.undo()
    at_rest(qtbot, page)

    assert content(root) == before


def test_dropped_photos_are_judged_one_by_one_and_good_ones_added(
    page: GalleryPage, root: Path, qtbot: QtBot, portraits: dict[str, Path], tmp_path: Path
) -> None:
    before = content(root)
    (tmp_path / "torn.jpg").write_bytes(b"no picture")
    choose(page, "Grace Hopper")
    people = page._parts.people
    place = people.visualRect(page._sorted.index(names(page).index("Grace Hopper"), 0)).center()

    drop_on(people, [portraits["grace_hopper"], portraits["coffee"], tmp_path / "torn.jpg"], place)
    qtbot.waitUntil(page._parts.verdicts.isVisible, timeout=60_000)
    at_rest(qtbot, page)

    assert lines_of(page._parts.verdicts.list) == [
        "coffee.jpg: refused, no face was found",
        "torn.jpg: refused, not a picture that can be read",
        "grace_hopper.jpg: added",
    ]
    assert "Added: 1, there already: 0, refused: 2" in page._parts.verdicts.summary.text()
    assert len(photos(page)) == 3
    page.undo()
    at_rest(qtbot, page)
    assert content(root) == before


def test_the_same_photo_again_is_there_already(page: GalleryPage, root: Path, qtbot: QtBot, portraits: dict[str, Path]) -> None:
    for _ in range(2):
        page._parts.verdicts.hide()
        page._add(page.person, [portraits["eileen_collins"]])
        qtbot.waitUntil(page._parts.verdicts.isVisible, timeout=60_000)
        at_rest(qtbot, page)

    assert lines_of(page._parts.verdicts.list) == ["eileen_collins.jpg: is there already"]


def test_photos_of_somebody_else_are_held_back_until_it_is_confirmed(
    page: GalleryPage, root: Path, qtbot: QtBot, portraits: dict[str, Path]
) -> None:
    before = content(root)
    choose(page, "Grace Hopper")

    page._add(page.person, [portraits["eileen_collins"]])
    qtbot.waitUntil(page._parts.verdicts.isVisible, timeout=60_000)
    assert "look like Eileen Collins" in page._parts.verdicts.summary.text()
    assert content(root) == before
    press(qtbot, page._parts.verdicts._force)
    at_rest(qtbot, page)

    assert len(photos(page)) == 3


def test_a_folder_of_pictures_may_be_dropped_on_the_grid(
    page: GalleryPage, qtbot: QtBot, portraits: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "pictures").mkdir()
    shutil.copy(portraits["eileen_collins"], tmp_path / "pictures" / "a.jpg")
    (tmp_path / "pictures" / "notes.txt").touch()
    choose(page, "Eileen Collins")

    drop_on(page._parts.grid, [tmp_path / "pictures"], QPoint(5, 5))
    qtbot.waitUntil(page._parts.verdicts.isVisible, timeout=60_000)
    at_rest(qtbot, page)

    assert lines_of(page._parts.verdicts.list) == ["a.jpg: added"]


def test_photos_dropped_beside_everybody_are_of_somebody_new(page: GalleryPage, qtbot: QtBot, portraits: dict[str, Path]) -> None:
    people = page._parts.people

    with qtbot.waitSignal(page.page_wanted) as wanted:
        drop_on(people, [portraits["cat"]], people.viewport().rect().bottomLeft() - QPoint(0, 2))

    assert wanted.args == ["enroll", [portraits["cat"]]]


def test_the_check_finds_what_hurts_sets_it_aside_and_brings_it_back(
    page: GalleryPage, root: Path, qtbot: QtBot, portraits: dict[str, Path]
) -> None:
    shutil.copy(portraits["grace_hopper"], root / "Grace Hopper" / "again.jpg")
    before = content(root)
    press(qtbot, page._parts.check)
    qtbot.waitUntil(lambda: page._parts.side is Side.FINDINGS, timeout=60_000)
    lines = lines_of(page._parts.findings.list)
    assert any("again.jpg" in line or "grace_hopper.jpg" in line for line in lines if "the same picture" in line)
    assert any(line.startswith("Grace Hopper: cat.jpg\nno face was found") for line in lines)
    figures = page._parts.findings._figures
    assert [figures.itemAtPosition(1, column).widget().text() for column in (1, 2)] == ["3", "2"]

    press(qtbot, page._parts.findings._aside)
    at_rest(qtbot, page)
    assert [len(aside.photos) for aside in quarantine_sets(root)] == [2]
    assert page._parts.findings.summary.text() == "All photos are good."
    press(qtbot, page._parts.findings._back)
    at_rest(qtbot, page)

    assert content(root) == before


def test_a_check_that_is_canceled_ends_and_shows_nothing(
    page: GalleryPage, root: Path, portraits: dict[str, Path], qtbot: QtBot
) -> None:
    for number in range(40):
        shutil.copy(portraits["grace_hopper"], root / "Grace Hopper" / f"{number}.jpg")
    press(qtbot, page._parts.check)
    qtbot.waitUntil(page._parts.cancel.isVisible, timeout=60_000)

    press(qtbot, page._parts.cancel)
    at_rest(qtbot, page)

    assert page._parts.side is Side.PERSON
    assert page._parts._told.whole() == ""
    assert not page._parts.cancel.isVisible()


def test_what_is_not_ticked_is_not_set_aside(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    press(qtbot, page._parts.check)
    qtbot.waitUntil(lambda: page._parts.side is Side.FINDINGS, timeout=60_000)

    page._parts.findings.list.item(0).setCheckState(Qt.CheckState.Unchecked)

    assert not page._parts.findings._aside.isEnabled()
    assert page._parts.findings.ticked() == []


def test_chosen_photos_are_set_aside_and_undo_brings_them_back(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    before = content(root)
    choose(page, "Grace Hopper")
    page._parts.grid.setCurrentIndex(page._photos.index(0))

    press(qtbot, page._parts.aside_photos)
    at_rest(qtbot, page)
    assert photos(page) == ["grace_hopper.jpg"]
    page.undo()
    at_rest(qtbot, page)

    assert content(root) == before


def test_a_photo_replaced_under_its_name_is_shown_anew(
    page: GalleryPage, root: Path, qtbot: QtBot, portraits: dict[str, Path]
) -> None:
    choose(page, "Eileen Collins")
    photo = root / "Eileen Collins" / "eileen_collins.jpg"
    pictures = page._parts._thumbnails[1]
    qtbot.waitUntil(lambda: pictures.pixmap(photo) is not None)
    before = pictures.pixmap(photo)

    shutil.copy(portraits["cat"], photo)
    os.utime(photo, (1, 1))
    page.refresh()
    at_rest(qtbot, page)

    qtbot.waitUntil(lambda: pictures.pixmap(photo) is not None)
    assert pictures.pixmap(photo) is not before


def test_an_empty_gallery_says_what_to_do(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    shutil.rmtree(root)

    page.refresh()
    at_rest(qtbot, page)

    assert page._parts.side is Side.NOBODY
    with qtbot.waitSignal(page.page_wanted) as wanted:
        press(qtbot, page._parts.first)
    assert wanted.args == ["enroll", None]


def test_a_name_is_found_by_typing(page: GalleryPage, qtbot: QtBot) -> None:
    qtbot.keyClicks(page._parts.find, "grace")

    assert names(page) == ["Grace Hopper"]
    page._parts.find.clear()
    qtbot.keyClicks(page._parts.people, "e")
    assert page._parts.people.currentIndex().data() == "Eileen Collins"


def test_the_folder_opens_in_the_file_manager(page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    opened: list[Path] = []

    class Manager(GalleryPage):
        @Slot(QUrl)
        def open_url(self, url: QUrl) -> None:
            opened.append(Path(url.toLocalFile()))

    manager = Manager(page._live)
    qtbot.addWidget(manager)
    QDesktopServices.setUrlHandler("file", manager, "open_url")
    choose(page, "Eileen Collins")
    page._open_folder()
    QDesktopServices.unsetUrlHandler("file")
    manager._jobs.close()

    assert opened == [root / "Eileen Collins"]


def test_a_photo_added_with_the_file_manager_appears_by_itself(
    live: SessionController, root: Path, portraits: dict[str, Path], qtbot: QtBot
) -> None:
    page = GalleryPage(live)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: names(page) == ["Eileen Collins", "Grace Hopper"], timeout=60_000)

    shutil.copytree(root / "Eileen Collins", root / "Ben")
    (root / "Ben" / "person.toml").unlink()

    qtbot.waitUntil(lambda: "Ben" in names(page), timeout=60_000)
    page.close()


def test_the_running_session_notices_a_rename(live: SessionController, qtbot: QtBot) -> None:
    page = GalleryPage(live)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: len(names(page)) > 0, timeout=60_000)
    person = page._people.people[0]

    page._rename(person, "Ann")

    def is_ann() -> bool:
        return live.gallery is not None and "Ann" in [one.name for one in live.gallery.people]

    qtbot.waitUntil(is_ann, timeout=10_000)
    page.close()


def test_opening_and_closing_fifty_times_leaves_nothing_behind(still: SessionController, qtbot: QtBot) -> None:
    open_and_close(qtbot, lambda: GalleryPage(still), 3)
    before = count_objects()

    open_and_close(qtbot, lambda: GalleryPage(still), 50)

    assert count_objects() == before


def test_sixty_people_in_every_script_fit(page: GalleryPage, root: Path, portraits: dict[str, Path], qtbot: QtBot) -> None:
    for number, name in enumerate(["王小明", "محمد بن عبد الله", "อภิสิทธิ์", "Ann " * 45, *(f"Ben {n}" for n in range(56))]):
        (root / f"more {number}").mkdir()
        (root / f"more {number}" / "person.toml").write_text(
            f'format_version = 1\nperson_id = "{number:032x}"\nname = "{name.strip()}"\ncreated = 2026-05-03T10:00:00Z\n',
            encoding="utf-8",
        )
    page.refresh()
    at_rest(qtbot, page)

    assert len(names(page)) == 62
    for name in names(page):
        choose(page, name)
        assert page.person is not None
        assert page._parts.header.name.whole() == name
        assert page._parts.people.currentIndex().data(PERSON) == page.person
    assert page.grab().width() == page.width()
