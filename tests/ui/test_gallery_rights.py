"""Tests of Export person and Forget on the gallery page, with the real window, session, networks and files."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from facecam.gallery import encryption
from facecam.gallery.conversion import encrypt_gallery
from facecam.gallery.people import PersonFile, read_people, to_toml
from facecam.logbook.sessions import lock_shared
from facecam.settings import Settings
from facecam.types import DecisionStatus
from facecam.ui.gallery.page import DetailPane, GalleryPage
from facecam.ui.session_controller import SessionController
from facecam.ui.window.pages import GALLERY
from facecam.ui.window.window import Window
from tests.session.video_files import frames_in
from tests.ui.test_gallery_page import content, header_button, names, select, wait_until_idle

NAME = "Eileen Collins"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, _isolated_home: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search covers the caches of other galleries too, and other tests enroll the same person."""
    monkeypatch.setenv("FACECAM_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def root(gallery: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The gallery of Eileen Collins; with the parameter "encrypted", encrypted and unlocked."""
    (gallery / NAME / "person.toml").write_text(
        to_toml(PersonFile.new(NAME, consent="She agreed (2026-11-30)")), encoding="utf-8"
    )
    if getattr(request, "param", "") == "encrypted":
        encrypt_gallery(gallery, "correct horse battery staple")
    yield gallery
    encryption.forget_keys()


@pytest.fixture
def controller(root: Path, make_controller: Callable[..., SessionController]) -> SessionController:
    """A session on the demo that starts when the gallery has its person.toml."""
    made = make_controller(settings=Settings())
    made.set_labels({"participant": NAME, "site": "Oslo"})
    made.start()
    return made


@pytest.fixture
def page(qtbot: QtBot, window: Window, controller: SessionController) -> GalleryPage:
    """The gallery page of a window whose session has named and logged the person."""
    qtbot.waitUntil(lambda: is_named(controller))
    qtbot.waitUntil(lambda: any(NAME in line for line in log_rows(controller)))
    window.pages.open(GALLERY)
    opened = window.findChild(GalleryPage)
    assert opened is not None
    wait_until_idle(qtbot, opened)
    select(opened, NAME)
    return opened


def is_named(controller: SessionController) -> bool:
    sightings = [sighting for _, result in controller.results.values() for sighting in result.sightings]
    return any(sighting.decision.status is DecisionStatus.KNOWN for sighting in sightings)


def log_rows(controller: SessionController) -> list[str]:
    path = controller.log_path
    return path.read_text(encoding="utf-8").splitlines() if path is not None and path.exists() else []


def click(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def files_with_name(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and NAME.encode() in path.read_bytes()]


@pytest.mark.parametrize("root", ["plain", "encrypted"], indirect=True)
def test_forget_ends_the_session_removes_the_person_everywhere_and_shows_the_proof(
    page: GalleryPage, controller: SessionController, root: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    first = controller.session
    click(qtbot, header_button(page, "Forget…"))
    assert "photos: 1" in page._forgetting.text
    assert "cannot be undone" in page._forgetting.text
    assert page._forgetting.pseudonym.box.isChecked()
    assert page._forgetting._session.isVisible()

    click(qtbot, page._forgetting.accept)
    qtbot.waitUntil(lambda: page._panes.currentIndex() == DetailPane.FORGOTTEN, timeout=120_000)

    assert read_people(root).people == ()
    assert not (root / NAME).exists()
    assert page._result.title.text() == "Eileen Collins is forgotten.", page._result.details.toPlainText()
    assert re.match(r"Searched \d+ files \(\d+\.\d [kM]B\) for the name", page._result.proof.text())
    assert page._result.proof.text().endswith("for the name, the id, the photos and the embeddings: nothing was found.")
    details = page._result.details.toPlainText()
    assert "1 photo, 0 quarantined photos, 0 rejected faces" in details
    assert "of logs: it is now person-" in details
    assert "Not searched: backups" in details
    qtbot.waitUntil(lambda: controller.has_session and controller.session is not first)
    qtbot.waitUntil(lambda: controller.gallery is not None and not controller.gallery.people and bool(controller.results))
    assert files_with_name(tmp_path / "logs") == []
    assert controller.request.labels == {"site": "Oslo"}

    click(qtbot, page._result.copy)
    assert "nothing was found" in QGuiApplication.clipboard().text()
    click(qtbot, page._result.close_button)
    wait_until_idle(qtbot, page)
    assert page._panes.currentIndex() == DetailPane.EMPTY
    assert NAME not in page._result.title.text() + page._result.details.toPlainText()
    assert not page._undo_button.isEnabled()


def forget(page: GalleryPage, qtbot: QtBot) -> None:
    """Answer the question that is open, and wait for the result."""
    click(qtbot, page._forgetting.accept)
    qtbot.waitUntil(lambda: page._panes.currentIndex() == DetailPane.FORGOTTEN, timeout=120_000)


def test_after_a_forget_a_paused_session_is_paused_again(
    page: GalleryPage, controller: SessionController, window: Window, qtbot: QtBot
) -> None:
    first = controller.session
    window.app_actions["pause"].trigger()
    assert controller.is_paused
    click(qtbot, header_button(page, "Forget…"))
    forget(page, qtbot)

    qtbot.waitUntil(lambda: controller.has_session and controller.session is not first)
    assert controller.is_paused
    assert window.app_actions["pause"].isChecked()
    qtbot.waitUntil(lambda: controller.gallery is not None and not controller.gallery.people)
    assert not controller.results
    window.app_actions["pause"].trigger()
    qtbot.waitUntil(lambda: bool(controller.results))


def test_the_question_says_that_a_recording_ends_and_its_file_is_complete(
    page: GalleryPage, controller: SessionController, window: Window, qtbot: QtBot
) -> None:
    click(qtbot, header_button(page, "Forget…"))
    assert "recording" not in page._forgetting._session.text()
    page._forgetting.dismiss()
    window.app_actions["record"].trigger()
    qtbot.waitUntil(lambda: controller.session is not None and controller.session.recording.duration_s > 0.5)
    click(qtbot, header_button(page, "Forget…"))
    assert page._forgetting._session.text().endswith("The recording ends.")

    with qtbot.waitSignal(window.recorder.saved, timeout=120_000) as saved:
        forget(page, qtbot)

    assert frames_in(saved.args[0]) > 1
    assert not controller.is_recording


def test_the_result_stays_until_it_is_closed_while_other_people_are_enrolled(
    page: GalleryPage, controller: SessionController, root: Path, portraits: dict[str, Path], qtbot: QtBot
) -> None:
    (root / "Grace Hopper").mkdir()
    shutil.copy(portraits["grace_hopper"], root / "Grace Hopper")
    page.refresh()
    qtbot.waitUntil(lambda: names(page) == [NAME, "Grace Hopper"])
    select(page, NAME)
    click(qtbot, header_button(page, "Forget…"))

    click(qtbot, page._forgetting.accept)
    qtbot.waitUntil(lambda: names(page) == ["Grace Hopper"], timeout=120_000)
    qtbot.waitUntil(lambda: controller.has_session and controller.gallery is not None and len(controller.gallery.people) == 1)
    wait_until_idle(qtbot, page)

    assert page._panes.currentIndex() == DetailPane.FORGOTTEN
    page.go_back()
    assert page._panes.currentIndex() == DetailPane.PERSON
    assert page._header.name.accessibleName() == "Grace Hopper"


def test_logs_that_keep_the_name_by_choice_are_listed(
    page: GalleryPage, controller: SessionController, root: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    log = controller.log_path
    click(qtbot, header_button(page, "Forget…"))
    click(qtbot, page._forgetting.keep.box)

    click(qtbot, page._forgetting.accept)
    qtbot.waitUntil(lambda: page._panes.currentIndex() == DetailPane.FORGOTTEN, timeout=120_000)

    assert read_people(root).people == ()
    assert f"{log} is a log, kept by choice." in page._result.details.toPlainText()
    assert log in files_with_name(tmp_path / "logs")


def test_cancel_and_escape_forget_no_one(page: GalleryPage, controller: SessionController, root: Path, qtbot: QtBot) -> None:
    before, session = content(root), controller.session
    click(qtbot, header_button(page, "Forget…"))
    click(qtbot, page._forgetting._cancel)
    assert page._forgetting.isHidden()

    click(qtbot, header_button(page, "Forget…"))
    page._forgetting.pseudonym.box.setFocus()
    qtbot.keyClick(page._forgetting.pseudonym.box, Qt.Key.Key_Return)  # Enter on a choice accepts nothing
    assert not page._forgetting.isHidden()
    qtbot.keyClick(page._forgetting, Qt.Key.Key_Escape)

    assert page._forgetting.isHidden()
    assert content(root) == before
    assert controller.session is session
    assert controller.has_session


def test_a_result_waits_for_the_page_that_was_closed_meanwhile(
    page: GalleryPage, window: Window, controller: SessionController, root: Path, qtbot: QtBot
) -> None:
    rights = page._rights
    click(qtbot, header_button(page, "Forget…"))
    click(qtbot, page._forgetting.accept)

    window.pages.close(GALLERY)
    qtbot.waitUntil(lambda: rights.last is not None, timeout=120_000)

    assert window.toast.text == "The removal of Eileen Collins is finished."
    window.pages.open(GALLERY)
    opened = next(one for one in window.findChildren(GalleryPage) if one.isVisible())
    assert opened._panes.currentIndex() == DetailPane.FORGOTTEN
    wait_until_idle(qtbot, opened)


def test_a_session_that_was_ended_by_the_user_stays_ended_and_shows_the_person_no_longer(
    page: GalleryPage, controller: SessionController, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(controller.ended):
        controller.finish()
    click(qtbot, header_button(page, "Forget…"))
    assert not page._forgetting._session.isVisible()

    click(qtbot, page._forgetting.accept)
    qtbot.waitUntil(lambda: page._panes.currentIndex() == DetailPane.FORGOTTEN, timeout=120_000)

    assert not controller.has_session
    assert controller.results == {}
    assert controller.visitor_tracker.visitors == ()
    qtbot.waitUntil(lambda: controller.gallery is not None and not controller.gallery.people)


def test_a_session_of_another_program_keeps_the_person_and_the_window_starts_its_own_again(
    page: GalleryPage, window: Window, controller: SessionController, root: Path, qtbot: QtBot
) -> None:
    first, own = controller.session, controller.log_path
    assert own is not None
    other = own.with_name("20261130T100000Z-1234.csv")
    other.write_bytes(own.read_bytes().splitlines(keepends=True)[0])
    before = content(root)
    with other.open("rb") as file:
        lock_shared(file)
        click(qtbot, header_button(page, "Forget…"))

        click(qtbot, page._forgetting.accept)
        qtbot.waitUntil(lambda: "is running" in window.toast.text, timeout=120_000)

    assert content(root) == before
    qtbot.waitUntil(lambda: controller.has_session and controller.session is not first)
    wait_until_idle(qtbot, page)
    assert names(page) == [NAME]


def test_export_writes_a_zip_of_the_person_while_the_session_goes_on(
    page: GalleryPage, window: Window, controller: SessionController, tmp_path: Path, qtbot: QtBot
) -> None:
    session = controller.session
    click(qtbot, header_button(page, "Export person…"))
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.selectedFiles() == [str(tmp_path / "Documents" / "Eileen Collins.zip")]

    dialog.accept()
    qtbot.waitUntil(lambda: "Eileen Collins.zip" in window.toast.text, timeout=120_000)

    with zipfile.ZipFile(tmp_path / "Documents" / "Eileen Collins.zip") as package:
        assert package.testzip() is None
        assert {"README.txt", "person-1.toml", "photos/001.jpg", "logs/rows.csv"} <= set(package.namelist())
        assert NAME in package.read("logs/rows.csv").decode()
    assert controller.session is session
    assert controller.has_session
    assert names(page) == [NAME]
