"""Errors of gallery, enrollment, teaching and report in a German window."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from facecam.enrollment.transfer import open_import
from facecam.errors import GalleryError
from facecam.gallery.people import PersonFile, to_toml
from facecam.gallery.service import GalleryService
from facecam.messages import TranslatableText
from facecam.objects.taught import INDEX
from facecam.ui.app import make_app
from facecam.ui.enrollment.layout import Scene
from facecam.ui.enrollment.page import EnrollmentPage
from facecam.ui.gallery.page import GalleryPage
from facecam.ui.language import error_text
from facecam.ui.session_controller import SessionController
from facecam.ui.teaching import TeachPanel
from facecam.ui.window.pages import ENROLL, GALLERY, TEACH
from facecam.ui.window.window import Window

MakeController = Callable[..., SessionController]
MakeWindow = Callable[[SessionController], Window]


@pytest.fixture(autouse=True)
def german(qapp: QApplication) -> Iterator[None]:
    make_app("de")
    yield
    make_app("en")


@pytest.fixture
def root(gallery: Path, portraits: dict[str, Path]) -> Path:
    """Eileen Collins and Grace Hopper with a photo each."""
    (gallery / "Grace Hopper").mkdir()
    shutil.copy(portraits["grace_hopper"], gallery / "Grace Hopper")
    for name in ("Eileen Collins", "Grace Hopper"):
        (gallery / name / "person.toml").write_text(to_toml(PersonFile.new(name)), encoding="utf-8")
    return gallery


@pytest.fixture
def window(german: None, root: Path, make_controller: MakeController, make_window: MakeWindow) -> Window:
    """A window whose session is not started."""
    return make_window(make_controller())


@pytest.fixture
def page(window: Window, qtbot: QtBot) -> GalleryPage:
    """The gallery page of the window."""
    window.pages.open(GALLERY)
    opened = window.findChild(GalleryPage)
    assert opened is not None
    qtbot.waitUntil(lambda: len(names(opened)) == 2)
    wait_until_idle(qtbot, opened)
    return opened


@pytest.fixture
def enrollment(window: Window) -> EnrollmentPage:
    """The enrollment page of the window."""
    window.pages.open(ENROLL)
    opened = window.findChild(EnrollmentPage)
    assert opened is not None
    return opened


def wait_until_idle(qtbot: QtBot, page: GalleryPage) -> None:
    qtbot.waitUntil(lambda: not page._jobs.is_busy)


def names(page: GalleryPage) -> list[str]:
    return [page._sorted.index(row, 0).data() for row in range(page._sorted.rowCount())]


def select(page: GalleryPage, name: str) -> None:
    page._people_view.setCurrentIndex(page._sorted.index(names(page).index(name), 0))


def rename(page: GalleryPage, name: str) -> None:
    """Rename the chosen person in the list."""
    page._people.setData(page._sorted.mapToSource(page._people_view.currentIndex()), name)


def row_texts(rows: QListWidget) -> list[str]:
    return [rows.item(row).text() for row in range(rows.count())]


def enroll_photos(qtbot: QtBot, page: EnrollmentPage, name: str, *photos: Path) -> None:
    page.add(list(photos))
    page.parts.start.edit.setText(name)
    page.parts.start.consent.box.setChecked(True)
    page.parts.panel.press_main_button()
    qtbot.waitUntil(lambda: not page._photo_scenes.is_busy and page.scene in (Scene.PHOTO_RESULTS, Scene.CONFLICT))


def test_refused_photos_are_named_with_the_reason(
    window: Window, page: GalleryPage, qtbot: QtBot, portraits: dict[str, Path], tmp_path: Path
) -> None:
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(b"no image")
    select(page, "Eileen Collins")

    page._add_photos(page.selected_person, [portraits["cat"], torn])
    qtbot.waitUntil(page._photo_results.isVisible)

    assert row_texts(page._photo_results.list) == [
        "cat.jpg: abgelehnt, kein Gesicht gefunden",
        "torn.jpg: abgelehnt, konnte nicht als Bild gelesen werden",
    ]
    assert page._photo_results.summary.text() == "Fotos für Eileen Collins. Hinzugefügt: 0, schon da: 0, abgelehnt: 2."


def test_findings_of_the_check_have_the_measured_values_in_words(
    root: Path, portraits: dict[str, Path], page: GalleryPage, qtbot: QtBot
) -> None:
    shutil.copy(portraits["eileen_collins"], root / "Eileen Collins" / "copy.jpg")

    page._check()
    qtbot.waitUntil(lambda: page._findings.list.count() > 0)

    (text,) = row_texts(page._findings.list)
    assert text.splitlines()[1] == "dasselbe Foto ist schon da"
    assert text.splitlines()[2].startswith("dieselbe Datei wie Eileen Collins/")


def test_photos_of_another_enrolled_person_are_refused(
    enrollment: EnrollmentPage, qtbot: QtBot, portraits: dict[str, Path]
) -> None:
    enroll_photos(qtbot, enrollment, "Ada", portraits["eileen_collins"])

    assert enrollment.parts.panel.title.text() == "Ist das dieselbe Person wie Eileen Collins?"
    assert enrollment.parts.panel.text.startswith("Eileen Collins ist schon eingelernt und sieht fast gleich aus.")


def test_photos_of_different_people_are_refused(enrollment: EnrollmentPage, qtbot: QtBot, portraits: dict[str, Path]) -> None:
    enroll_photos(qtbot, enrollment, "Ada", portraits["eileen_collins"], portraits["grace_hopper"])

    assert enrollment.parts.panel.title.text() == "Zeigen alle Fotos Ada?"
    assert enrollment.parts.panel.text.startswith("Die Gesichter rechts sehen nach einer anderen Person aus.")


def test_photos_of_another_person_are_not_added_without_a_question(
    page: GalleryPage, qtbot: QtBot, portraits: dict[str, Path]
) -> None:
    select(page, "Grace Hopper")

    page._add_photos(page.selected_person, [portraits["eileen_collins"]])
    qtbot.waitUntil(page._photo_results.isVisible)

    assert page._photo_results.summary.text().startswith(
        "Es wurden keine Fotos hinzugefügt: Nicht alle sehen nach einer Person aus (Abstand "
    )


def test_photos_without_a_face_are_refused(enrollment: EnrollmentPage, qtbot: QtBot, portraits: dict[str, Path]) -> None:
    enroll_photos(qtbot, enrollment, "Ada", portraits["cat"])

    assert enrollment.parts.panel.title.text() == "Nichts hinzugefügt"
    assert enrollment.parts.panel.text == "Fotos für Ada. Hinzugefügt: 0, schon da: 0, abgelehnt: 1."


def test_a_name_that_is_too_long_is_refused(window: Window, page: GalleryPage, qtbot: QtBot) -> None:
    select(page, "Eileen Collins")

    rename(page, "a" * 201)
    qtbot.waitUntil(lambda: window.toast.text != "")

    assert window.toast.text == "Der Name 'aaaaaaaaaaaaaaaaaaaa'… hat 201 Zeichen; höchstens 200 sind möglich."


def test_a_taken_name_is_refused(window: Window, page: GalleryPage, qtbot: QtBot) -> None:
    select(page, "Eileen Collins")

    rename(page, "Grace Hopper")
    qtbot.waitUntil(lambda: window.toast.text != "")

    assert window.toast.text == (
        "Grace Hopper ist schon eingelernt: Benennen Sie diese Person erst um, entfernen Sie sie, oder lernen Sie Fotos unter "
        "diesem Namen ein."
    )


def test_a_name_that_differs_only_in_case_is_refused(window: Window, page: GalleryPage, qtbot: QtBot) -> None:
    select(page, "Eileen Collins")

    rename(page, "grace hopper")
    qtbot.waitUntil(lambda: window.toast.text != "")

    assert window.toast.text.startswith("grace hopper unterscheidet sich vom schon eingelernten Namen Grace Hopper nur in Groß-")


def test_a_person_without_a_folder_of_their_own_is_not_merged(
    window: Window, page: GalleryPage, root: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    shutil.move(root / "Grace Hopper", tmp_path / "elsewhere")
    (root / "Grace Hopper").symlink_to(tmp_path / "elsewhere", target_is_directory=True)

    page._commands.apply(lambda service: service.merge("Grace Hopper", "Eileen Collins", page._controller.gallery, 0.3))
    qtbot.waitUntil(lambda: window.toast.text != "")

    assert window.toast.text == (
        "Grace Hopper ist eine Verknüpfung mit einem anderen Ordner: Verschieben Sie dessen Fotos selbst nach "
        f"{root / 'Eileen Collins'}."
    )


def test_an_undo_that_has_expired_says_why(window: Window, page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    select(page, "Grace Hopper")
    page._grid.selectAll()
    page._remove_button.click()
    wait_until_idle(qtbot, page)
    GalleryService(root).remove_person("Grace Hopper")
    window.toast.hide()

    page.undo()
    qtbot.waitUntil(lambda: window.toast.text != "")

    assert window.toast.text == "Grace Hopper ist nicht mehr eingelernt, daher ist diese Änderung nicht möglich."


def test_a_damaged_person_file_is_named(window: Window, page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    toml = root / "Grace Hopper" / "person.toml"
    toml.write_text('person_id = "short"\nname = "Grace Hopper"\ncreated = 2026-01-01T00:00:00Z\n', encoding="utf-8")

    page._commands.apply(lambda service: service.rename("Grace Hopper", "Grace"))
    qtbot.waitUntil(lambda: window.toast.text != "")

    assert window.toast.text == (
        f"{toml} ist beschädigt (person_id ist 'short', erwartet werden 32 hexadezimale Ziffern): Reparieren oder löschen Sie "
        "die Datei, und versuchen Sie es dann noch einmal."
    )


def test_a_person_file_that_no_parser_should_read_is_named(window: Window, page: GalleryPage, root: Path, qtbot: QtBot) -> None:
    toml = root / "Grace Hopper" / "person.toml"
    toml.write_text(f"a{'.a' * 5000} = 1\n", encoding="utf-8")

    page._commands.apply(lambda service: service.rename("Grace Hopper", "Grace"))
    qtbot.waitUntil(lambda: window.toast.text != "")

    assert window.toast.text.startswith(f"{toml} ist beschädigt (eine Zeile hat mehr als ")


def test_a_damaged_zip_file_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "people.zip"
    with zipfile.ZipFile(source, "w") as package:
        package.writestr("Ada/1.jpg", b"1" * 1000)
    source.write_bytes(source.read_bytes()[:500])

    with pytest.raises(GalleryError) as refused, open_import(source):
        pass

    assert error_text(refused.value) == (
        f"{source} kann nicht als Ordner oder ZIP-Datei gelesen werden; wenn es eine ZIP-Datei ist, fehlt ihr Ende oder ist "
        "beschädigt: Kopieren Sie sie neu, oder laden Sie sie noch einmal herunter."
    )


@pytest.fixture
def teaching(window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TeachPanel:
    """The page for teaching of a window with a running session; the folder of taught objects is damaged."""
    folder = tmp_path / "objects"
    folder.mkdir()
    (folder / INDEX).write_text("{", encoding="utf-8")
    monkeypatch.setenv("FACECAM_OBJECTS", str(folder))
    window.controller.start()
    window.pages.open(TEACH)
    opened = window.findChild(TeachPanel)
    assert opened is not None
    return opened


def visible_text(panel: TeachPanel) -> str:
    return " | ".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def test_teaching_into_a_damaged_folder_fails_with_the_reason(teaching: TeachPanel, qtbot: QtBot, tmp_path: Path) -> None:
    index = tmp_path / "objects" / INDEX
    qtbot.waitUntil(lambda: f"{index} wird nicht verwendet: " in visible_text(teaching))
    assert f"sonst verschieben Sie {index.parent} und lehren Sie neu." in visible_text(teaching)


def test_a_label_that_is_too_long_is_refused(teaching: TeachPanel, qtbot: QtBot) -> None:
    field = teaching.findChild(QLineEdit)
    assert field is not None
    field.setMaxLength(1000)
    field.setText("a" * 300)
    qtbot.waitUntil(teaching._teach.isEnabled)

    qtbot.keyClick(field, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: "ist als Bezeichnung nicht möglich; verwenden Sie 1 bis" in visible_text(teaching))


def test_a_report_of_a_damaged_log_says_what_is_wrong(
    window: Window, controller: SessionController, make_window: MakeWindow, qtbot: QtBot
) -> None:
    opened = make_window(controller)
    qtbot.waitUntil(lambda: controller.visitor_tracker.visitors != ())
    opened.app_actions["end"].trigger()
    qtbot.waitUntil(lambda: notice_button(opened, "Bericht öffnen") is not None)
    assert controller.log_path is not None
    controller.log_path.write_text("a;b\n1;2\n", encoding="utf-8")

    button = notice_button(opened, "Bericht öffnen")
    assert button is not None
    button.click()
    qtbot.waitUntil(lambda: "Protokoll" in opened.toast.text)

    assert opened.toast.text.startswith(f"{controller.log_path} ist kein Protokoll von facecam, die erste Zeile müsste mit ")


def notice_button(window: Window, text: str) -> QPushButton | None:
    buttons = window.notice_view.findChildren(QPushButton)
    return next((button for button in buttons if button.text().replace("&", "") == text and button.isVisible()), None)


def test_a_sentence_that_begins_with_a_name_keeps_its_letters() -> None:
    video = TranslatableText("the video")
    several = TranslatableText("{first} and {second}", first=video, second="ada.jpg")

    assert error_text(GalleryError("{name} is already enrolled", name="ada")) == "ada is already enrolled."
    assert error_text(TranslatableText("the same file as {photo}", photo="d")) == "Dieselbe Datei wie d."
    assert error_text(several) == "Das Video und ada.jpg."


def test_distances_have_a_decimal_comma() -> None:
    text = TranslatableText("the same face ({distance:.2f} apart) as {photo}", distance=0.125, photo="Ada/1.jpg")

    assert error_text(text) == "Dasselbe Gesicht (Abstand 0,12) wie Ada/1.jpg."
