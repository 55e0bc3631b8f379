"""Errors of sources, recognition, gallery folder, recording, log and settings in a German window, and the same in English."""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from facecam.errors import CameraError, FacecamError, ModelError, SettingsError
from facecam.messages import TranslatableText
from facecam.networks.embedding_networks import embedding_network
from facecam.networks.manifest import verified_path
from facecam.session.status import SourceState
from facecam.settings import Settings, load_settings
from facecam.ui.app import make_app
from facecam.ui.background import BackgroundJobs
from facecam.ui.language import error_text, error_words
from facecam.ui.preferences import SettingsWriter, not_saved_text
from facecam.ui.session_controller import SessionController, SessionRequest
from facecam.ui.settings.page import SettingsPage
from facecam.ui.window.pages import SETTINGS
from facecam.ui.window.status_bar import StatusBar
from facecam.ui.window.window import Window
from tests.capture.raw_server import serving
from tests.capture.test_network import protected
from tests.session.conftest import Rig, ScriptedSource
from tests.session.video_files import fill, small_disk

MakeController = Callable[..., SessionController]
MakeWindow = Callable[[SessionController], Window]

ENGLISH = re.compile(
    r"\b(the|is|are|not|cannot|does|has|and|or|of|to|from|with|check|it|its|no|another|again|be|been|could|expected|stopped|read|"
    r"written|opened|camera|file|folder|disk|network|video|images?|try|choose|start|error)\b"
)
"""Words of the English templates that German does not have."""


@pytest.fixture(autouse=True)
def german(qapp: QApplication) -> Iterator[None]:
    make_app("de")
    yield
    make_app("en")


@pytest.fixture
def rig_window(german: None, tmp_path: Path, make_window: MakeWindow) -> Iterator[tuple[Window, Rig]]:
    """A window on a camera of generated images, not started, and what creates its sessions."""
    rig = Rig(tmp_path)
    controller = SessionController(lambda _: rig.session(ScriptedSource), SessionRequest(("0",), Settings()))
    yield make_window(controller), rig
    assert controller.stop()


def is_german(text: str) -> bool:
    """Return whether no word of a text is English, apart from commands and paths."""
    words = re.sub(r"`[^`]*`|facecam demo|--source|\S*[/\\]\S*|\S+\.\w+", "", text)
    return bool(text) and ENGLISH.search(words) is None


def notice(window: Window) -> str:
    shown = window.notice_view.notice
    return "" if shown is None else " ".join((shown.title, *shown.lines))


def text_file(folder: Path) -> Path:
    path = folder / "notes.mp4"
    path.write_text("no video", encoding="utf-8")
    return path


def empty_file(folder: Path) -> Path:
    path = folder / "empty.mp4"
    path.touch()
    return path


def damaged_video(folder: Path) -> Path:
    path = folder / "damaged.mp4"
    path.write_bytes(bytes(range(256)) * 64)
    return path


def incomplete_video(folder: Path) -> Path:
    path = folder / "half.mp4"
    path.write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x10mdat" + bytes(8))
    return path


def empty_folder(folder: Path) -> Path:
    path = folder / "holiday"
    path.mkdir()
    return path


def folder_of_damaged_images(folder: Path) -> Path:
    path = empty_folder(folder)
    for name in ("1.jpg", "2.jpg"):
        (path / name).write_bytes(b"\xff\xd8damaged")
    return path


def damaged_image(folder: Path) -> Path:
    path = folder / "photo.png"
    path.write_bytes(cv2.imencode(".png", np.zeros((40, 40, 3), np.uint8))[1].tobytes()[:60])
    return path


SOURCES = [
    pytest.param(lambda folder: "97", "Kamera 97 gibt es nicht", id="camera"),
    pytest.param(lambda folder: "/dev/video97", "gibt es nicht", id="device"),
    pytest.param(lambda folder: "Nonexistent", "ist keine Kamera, keine Datei und kein Ordner", id="name"),
    pytest.param(lambda folder: folder / "party.mp4", "gibt es nicht, oder der Zugriff ist nicht möglich", id="file"),
    pytest.param(text_file, "ist eine Textdatei und kein Video", id="text"),
    pytest.param(empty_file, "ist leer", id="empty"),
    pytest.param(damaged_video, "ist nicht als Video lesbar", id="damaged"),
    pytest.param(incomplete_video, "ist unvollständig: das Ende", id="incomplete"),
    pytest.param(empty_folder, "enthält kein Bild", id="empty folder"),
    pytest.param(folder_of_damaged_images, "keines der 2 Bilder", id="damaged folder"),
    pytest.param(damaged_image, "ist nicht", id="damaged image"),
    pytest.param(lambda folder: "http://127.0.0.1:9/", "Verbindung wird abgelehnt", id="refused connection"),
    pytest.param(lambda folder: "rtsp://127.0.0.1:9/", "Verbindung wird abgelehnt", id="refused stream"),
    pytest.param(lambda folder: "ftp://127.0.0.1/", "Adressen beginnen mit", id="scheme"),
    pytest.param(lambda folder: "http://", "ist keine gültige Adresse", id="address"),
]


@pytest.mark.parametrize(("source", "expected"), SOURCES)
def test_a_source_that_does_not_open_says_why_in_german(
    qtbot: QtBot,
    make_controller: MakeController,
    make_window: MakeWindow,
    tmp_path: Path,
    source: Callable[[Path], Path | str],
    expected: str,
) -> None:
    controller = make_controller(str(source(tmp_path)))
    window = make_window(controller)
    controller.start()
    qtbot.waitUntil(lambda: bool(notice(window)) and controller.status.state is SourceState.FAILED)

    message = error_text(controller.status.message)
    assert expected.lower() in message.lower()
    assert is_german(message), message
    assert is_german(notice(window)), notice(window)


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [("", "verlangt Benutzer und Passwort"), ("ada:s3cret@", "lehnt Benutzer und Passwort ab")],
)
def test_a_refused_password_says_so_in_german(
    qtbot: QtBot, make_controller: MakeController, make_window: MakeWindow, credentials: str, expected: str
) -> None:
    with serving(protected(b'Basic realm="cam"', b"nothing is enough")) as host:
        controller = make_controller(f"http://{credentials}{host}/v")
        window = make_window(controller)
        controller.start()
        qtbot.waitUntil(lambda: expected in notice(window))

    assert is_german(notice(window)), notice(window)
    assert "s3cret" not in notice(window)


@pytest.mark.parametrize(
    ("status", "expected"),
    [("404 Not Found", "diesen Pfad gibt es nicht (404)"), ("503 Busy", "antwortet mit dem Fehler 503")],
)
def test_an_error_of_a_network_camera_is_german(
    qtbot: QtBot, make_controller: MakeController, make_window: MakeWindow, status: str, expected: str
) -> None:
    def answer(request: bytes, send: Callable[[bytes], object]) -> bool:
        send(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        return False

    with serving(answer) as host:
        controller = make_controller(f"http://{host}/v")
        window = make_window(controller)
        controller.start()
        qtbot.waitUntil(lambda: expected in notice(window))

    assert is_german(notice(window)), notice(window)


def test_a_camera_that_is_lost_is_reported_in_german(qtbot: QtBot, rig_window: tuple[Window, Rig]) -> None:
    window, rig = rig_window
    opened = 0

    def open_once(started_at_s: float) -> ScriptedSource:
        nonlocal opened
        opened += 1
        if opened > 1:
            raise CameraError(
                "{source} does not answer; check its cable and power", source=TranslatableText("camera {number}", number=0)
            )
        return ScriptedSource(started_at_s, count=5)

    window.controller._create_session = lambda _: rig.session(open_once)
    window.controller.start()
    qtbot.waitUntil(lambda: "Kamera 0 antwortet nicht" in notice(window))

    assert is_german(notice(window)), notice(window)


def test_a_camera_that_shows_only_black_is_reported_in_german(qtbot: QtBot, rig_window: tuple[Window, Rig]) -> None:
    window, rig = rig_window
    black = np.zeros((24, 32, 3), np.uint8)
    window.controller._create_session = lambda _: rig.session(
        lambda at_s: ScriptedSource(at_s, image=lambda index: black, speed=10)
    )
    window.controller.start()
    qtbot.waitUntil(lambda: "zeigt nur Schwarz" in window.messages.text)

    assert is_german(window.messages.text), window.messages.text


def test_damaged_weights_are_reported_in_german(
    qtbot: QtBot, make_controller: MakeController, make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = shutil.copytree(verified_path("mtcnn").parent, tmp_path / "models")
    for path in models.glob("*.litert"):
        path.write_bytes(path.read_bytes()[:-1])
    monkeypatch.setattr("facecam.networks.manifest.models_dir", lambda: models)
    controller = make_controller()
    window = make_window(controller)
    controller.start()
    qtbot.waitUntil(lambda: "beschädigt" in notice(window))

    assert "stellen Sie es" in notice(window)
    assert is_german(notice(window)), notice(window)


def test_an_error_in_the_code_is_reported_in_german(qtbot: QtBot, rig_window: tuple[Window, Rig]) -> None:
    window, rig = rig_window

    def fail(_: object) -> None:
        raise ZeroDivisionError("1/0")

    window.controller._create_session = lambda _: rig.session(ScriptedSource, work=fail)
    window.controller.start()
    qtbot.waitUntil(lambda: "interner Fehler bei der Erkennung" in notice(window))

    assert "Bilder nacheinander konnten nicht ausgewertet werden" in notice(window)


def test_a_gallery_that_disappears_is_reported_in_german(
    qtbot: QtBot, make_controller: MakeController, make_window: MakeWindow, gallery: Path
) -> None:
    controller = make_controller()
    window = make_window(controller)
    controller.start()
    qtbot.waitUntil(lambda: controller.gallery is not None and bool(controller.gallery.samples))
    controller.pause(True)
    gallery.rename(gallery.with_name("elsewhere"))
    qtbot.waitUntil(lambda: "ist nicht verfügbar" in window.messages.text)

    assert is_german(window.messages.text), window.messages.text


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Iterator[Path]:
    yield from small_disk(tmp_path / "disk", "2m")


def test_a_full_disk_ends_a_recording_with_a_german_sentence(
    qtbot: QtBot, rig_window: tuple[Window, Rig], disk: Path, tmp_path: Path
) -> None:
    window, _ = rig_window
    shutil.rmtree(tmp_path / "Videos")
    (tmp_path / "Videos").symlink_to(disk)
    window.controller.start()
    qtbot.waitUntil(lambda: bool(window.controller.results))
    window.app_actions["record"].trigger()
    qtbot.waitUntil(lambda: "ist fast voll" in window.toast.text)

    assert "es wird nichts aufgenommen" in window.toast.text
    assert is_german(window.toast.text), window.toast.text


def test_a_log_on_a_full_disk_is_reported_in_german(
    qtbot: QtBot, german: None, tmp_path: Path, disk: Path, gallery: Path, make_window: MakeWindow
) -> None:
    rig = Rig(disk)
    controller = SessionController(lambda _: rig.session(ScriptedSource), SessionRequest(("0",), Settings()))
    window = make_window(controller)
    controller.start()
    qtbot.waitUntil(lambda: bool(controller.results))
    fill(disk)
    qtbot.waitUntil(lambda: controller.status.log_fault is not None)
    bar = window.findChild(StatusBar)
    assert bar is not None
    qtbot.waitUntil(lambda: bar.log.text() == "Protokoll: wird nicht geschrieben")

    assert "auf dem Datenträger ist kein Platz mehr" in bar.log.toolTip()
    assert is_german(bar.log.toolTip()), bar.log.toolTip()
    assert controller.stop()


def test_a_folder_for_recordings_that_cannot_be_created_is_named_in_german(
    qtbot: QtBot, rig_window: tuple[Window, Rig], tmp_path: Path
) -> None:
    window, _ = rig_window
    (tmp_path / "Videos" / "facecam").write_text("in the way", encoding="utf-8")
    window.controller.start()
    qtbot.waitUntil(lambda: bool(window.controller.results))
    window.app_actions["record"].trigger()
    qtbot.waitUntil(lambda: "kann nicht angelegt werden" in window.toast.text)

    assert is_german(window.toast.text), window.toast.text


def test_a_refused_setting_is_explained_in_german(qtbot: QtBot, make_controller: MakeController, make_window: MakeWindow) -> None:
    window = make_window(make_controller())
    page = window.pages.open(SETTINGS)
    assert isinstance(page, SettingsPage)
    row = next(row for row in page.rows.values() if row.field.keys[0] == "detect.min_face_size_px")
    row.change_requested.emit(row.field, (3,))

    assert "detect.min_face_size_px ist 3, erwartet: 12 bis 10000" in row.note.text()
    assert is_german(row.note.text()), row.note.text()


def test_settings_that_cannot_be_saved_say_why_in_german(qtbot: QtBot, tmp_path: Path) -> None:
    config = tmp_path / "facecam.toml"
    config.write_text("[gate\n", encoding="utf-8")
    writer = SettingsWriter(config)
    with qtbot.waitSignal(writer.failed) as failed:
        writer.save({"gate.min_sharpness": 20})
    writer.close()

    text = not_saved_text(failed.args[1])
    assert "kann nicht geändert werden" in text
    assert "alles bleibt, wie es war" in text


def test_a_background_job_that_meets_a_full_disk_fails_in_german(qtbot: QtBot, tmp_path: Path) -> None:
    def work(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "a.png"))

    jobs, errors = BackgroundJobs(), list[FacecamError]()
    jobs.add(work, lambda _: None, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    jobs.close()

    assert error_text(errors[0]) == f"{tmp_path}/a.png ist nicht verwendbar: auf dem Datenträger ist kein Platz mehr."


def test_an_unknown_network_is_explained_in_german() -> None:
    with pytest.raises(ModelError) as failed:
        embedding_network("no such network")

    assert error_text(failed.value).startswith("'no such network' ist kein Netz zur Gesichtserkennung; wählen Sie ")


def test_several_wrong_settings_are_listed_in_german(tmp_path: Path) -> None:
    config = tmp_path / "facecam.toml"
    config.write_text(
        'gate = 1\n[detect]\nthreads = "many"\nleft = 0.5\nright = 0.25\n[identify]\nstranger = 1\n', encoding="utf-8"
    )
    with pytest.raises(SettingsError) as failed:
        load_settings(config)

    assert error_text(failed.value).splitlines() == [
        "4 Einstellungen sind falsch:",
        f"  {config}, Zeile 1: gate ist kein Abschnitt; schreiben Sie seine Einstellungen unter [gate]",
        f"  {config}, Zeile 3: detect.threads ist 'many', erwartet: eine ganze Zahl",
        f"  {config}, Zeile 5: detect.right ist 0,25, erwartet: mehr als left, das ist 0,5",
        f"  {config}, Zeile 7: unbekannte Einstellung identify.stranger; meinten Sie identify.threads?",
    ]


def test_an_error_of_the_system_is_shown_without_its_number_and_path() -> None:
    assert error_text(PermissionError(errno.EACCES, "Permission denied", "photos/a.png")) == "Zugriff verweigert."


def test_an_error_without_a_translation_is_shown_in_english() -> None:
    assert error_text(FacecamError("the moon is full")) == "The moon is full."


def test_a_text_follows_a_colon_without_a_capital() -> None:
    assert error_words(CameraError("{path} is empty; copy it again from the original", path="a.mp4")) == (
        "a.mp4 ist leer; kopieren Sie die Datei noch einmal vom Original"
    )


def test_the_same_errors_are_english_in_an_english_window() -> None:
    error = CameraError(
        "{camera} is used by {users}; close that first", camera=TranslatableText("camera {number}", number=0), users="zoom"
    )
    assert error_text(error) == "Kamera 0 wird von zoom verwendet; beenden Sie zuerst dieses Programm."

    make_app("en")

    assert error_text(error) == "Camera 0 is used by zoom; close that first."
