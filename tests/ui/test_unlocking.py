"""The window on an encrypted gallery: it asks for the passphrase, and runs without names until it has it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from facecam.gallery import encryption
from facecam.gallery.conversion import encrypt_gallery
from facecam.gallery.files import encryption_key, is_locked
from facecam.gallery.gallery import leave_locked
from facecam.gallery.people import read_people
from facecam.ui.background import read_thumbnail
from facecam.ui.window.unlocking import prepare_gallery
from tests.ui.conftest import MakeController, MakeWindow, PatientBot

PASSPHRASE = "correct horse battery staple"  # noqa: S105 - of galleries made here


@pytest.fixture(autouse=True)
def _keys(gallery: Path) -> Iterator[None]:
    yield
    encryption.forget_keys()
    leave_locked(gallery, on=False)


@pytest.fixture
def locked(gallery: Path) -> Path:
    """The gallery of Eileen Collins, encrypted and locked."""
    encrypt_gallery(gallery, PASSPHRASE)
    encryption.forget_keys()
    return gallery


def test_the_window_asks_for_the_passphrase_and_then_knows_the_people(
    qtbot: PatientBot, locked: Path, make_controller: MakeController, make_window: MakeWindow
) -> None:
    prepare_gallery(locked)
    controller = make_controller()
    controller.start()
    window = make_window(controller)
    line = window.passphrase

    assert line.isVisible()
    assert line.field.echoMode() is QLineEdit.EchoMode.Password
    qtbot.waitUntil(lambda: controller.gallery is not None and controller.gallery.embedding_id != "")
    assert controller.gallery is not None
    assert controller.gallery.people == ()
    qtbot.keyClicks(line.field, "a wrong one")
    qtbot.keyClick(line.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "is wrong" in line.problem.text())
    assert line.isVisible()
    assert line.field.text() == ""

    qtbot.keyClicks(line.field, PASSPHRASE)
    qtbot.mouseClick(line.unlock, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: controller.gallery is not None and len(controller.gallery.samples) == 1)
    qtbot.waitUntil(lambda: not line.isVisible())
    assert "unlocked" in window.toast.text


def test_after_cancel_the_window_runs_without_names_and_offers_to_unlock(
    qtbot: PatientBot, locked: Path, make_controller: MakeController, make_window: MakeWindow
) -> None:
    prepare_gallery(locked)
    controller = make_controller()
    controller.start()
    window = make_window(controller)

    qtbot.mouseClick(window.passphrase.cancel, Qt.MouseButton.LeftButton)

    assert window.locked.text == "The gallery is locked, so no one is recognized by name."
    qtbot.waitUntil(lambda: bool(controller.results))
    assert not window.passphrase.isVisible()
    window.locked._button_row.findChildren(type(window.passphrase.cancel))[0].click()
    assert window.passphrase.isVisible()
    qtbot.keyClick(window.passphrase.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.locked.text != "")


def test_a_session_keeps_recognizing_when_its_gallery_is_encrypted_and_continues_once_unlocked(
    qtbot: PatientBot, gallery: Path, tmp_path: Path, make_controller: MakeController, make_window: MakeWindow
) -> None:
    controller = make_controller()
    controller.start()
    window = make_window(controller)
    qtbot.waitUntil(lambda: controller.gallery is not None and len(controller.gallery.samples) == 1)
    assert controller.gallery is not None
    before = controller.gallery.samples[0].photo

    encrypt_gallery(gallery, PASSPHRASE)
    encryption.forget_keys()  # as if another program had done it

    qtbot.waitUntil(lambda: "was encrypted" in (controller.status.gallery_fault or ""))
    assert [sample.name for sample in controller.gallery.samples] == ["Eileen Collins"]
    qtbot.waitUntil(window.passphrase.isVisible)
    qtbot.keyClicks(window.passphrase.field, PASSPHRASE)
    qtbot.keyClick(window.passphrase.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: controller.gallery is not None and controller.gallery.samples[0].photo != before)
    qtbot.waitUntil(lambda: not controller.status.gallery_fault)


def test_thumbnails_of_an_encrypted_gallery_are_those_of_the_plain_one(qapp: object, gallery: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(gallery, tmp_path / "copy"))
    photo = read_people(copy).people[0].photos[0]
    encrypt_gallery(gallery, PASSPHRASE)
    assert encryption_key(gallery) is not None

    encrypted = read_people(gallery).people[0].photos[0]

    assert not read_thumbnail(encrypted, 100).isNull()
    assert read_thumbnail(encrypted, 100) == read_thumbnail(photo, 100)
    encryption.forget_keys()
    assert is_locked(gallery)
    assert read_thumbnail(encrypted, 100).isNull()
