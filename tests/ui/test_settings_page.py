"""The settings page: what is set there is in force at once and kept in facecam.toml; what is wrong is said beside it."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QWidget
from pytestqt.qtbot import QtBot

from facecam.session.status import SourceState
from facecam.settings import Settings, load_settings
from facecam.ui.preferences import open_store
from facecam.ui.session_controller import AppPaths, SessionController
from facecam.ui.settings.fields import groups
from facecam.ui.settings.page import SettingsPage
from tests.ui.leaks import count_objects, open_and_close

MINE = "# mine\n[detect]\nmin_face_size_px = 60 # far away\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "facecam.toml"
    path.write_text(MINE, encoding="utf-8")
    return path


@pytest.fixture
def still(make_live: Callable[..., SessionController], config: Path, gallery: Path, tmp_path: Path) -> SessionController:
    """A Live that is not started, with the settings of the file."""
    made = make_live(settings=load_settings(config, environment={}))
    made.places = AppPaths(gallery, tmp_path / "logs", config)
    return made


@pytest.fixture
def page(qtbot: QtBot, still: SessionController) -> SettingsPage:
    opened = SettingsPage(still)
    qtbot.addWidget(opened, before_close_func=lambda page: page._keeper.close())
    opened.show()
    return opened


def control(page: SettingsPage, key: str) -> QWidget:
    return page.rows[key].control


def number(page: SettingsPage, key: str) -> QDoubleSpinBox:
    found = control(page, key)
    assert isinstance(found, QDoubleSpinBox)
    return found


def pick(page: SettingsPage, key: str, words: str) -> None:
    combo = control(page, key)
    assert isinstance(combo, QComboBox)
    combo.setCurrentText(words)
    combo.activated.emit(combo.currentIndex())


def kept(page: SettingsPage, config: Path) -> dict[str, object]:
    page._keeper.close()
    return tomllib.loads(config.read_text(encoding="utf-8"))


def test_the_page_shows_what_is_in_force(page: SettingsPage) -> None:
    assert number(page, "detect.min_face_size_px").value() == 60
    assert number(page, "track.leave_after_ms").value() == 3.0
    assert control(page, "capture.width_px").currentText() == "640 × 480"  # type: ignore[attr-defined]


def test_a_number_is_in_force_at_once_and_kept_while_the_rest_of_the_file_stays(
    page: SettingsPage, still: SessionController, config: Path, qtbot: QtBot
) -> None:
    field = number(page, "track.leave_after_ms")
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "5")
    qtbot.keyClick(field, Qt.Key.Key_Return)

    assert still.wish.settings.track.leave_after_ms == 5000
    assert kept(page, config)["track"] == {"leave_after_ms": 5000}
    assert config.read_text(encoding="utf-8").startswith(MINE)


def test_a_switch_and_a_choice_are_kept_as_what_they_are(page: SettingsPage, still: SessionController, config: Path) -> None:
    box = control(page, "track.still_picture_check")
    assert isinstance(box, QCheckBox)
    box.click()
    pick(page, "identify.network", "OpenFace, 2016")
    pick(page, "identify.stranger_rate", "at most 1 in 1000")

    settings = still.wish.settings
    assert settings.track.still_picture_check
    assert settings.identify.network == "nn4_small2_openface_v1"
    assert settings.identify.stranger_rate == 0.001
    assert kept(page, config)["track"] == {"still_picture_check": True}
    assert load_settings(config, environment={}) == settings


def test_a_value_that_does_not_fit_is_answered_beside_it_and_changes_nothing(
    page: SettingsPage, still: SessionController, config: Path
) -> None:
    before = still.wish.settings
    row = page.rows["detect.min_face_size_px"]

    number(page, "detect.min_face_size_px").setValue(5)

    assert row.note.isVisible()
    assert "detect.min_face_size_px is 5, MTCNN sees 12 and up" in row.note.text()
    assert still.wish.settings == before
    assert kept(page, config) == tomllib.loads(MINE)
    row.default.click()
    assert not row.note.isVisible()
    assert number(page, "detect.min_face_size_px").value() == 40


def test_the_default_is_back_in_force_and_its_line_out_of_the_file(
    page: SettingsPage, still: SessionController, config: Path
) -> None:
    row = page.rows["detect.min_face_size_px"]
    assert row.default.isVisible()
    assert row.default.toolTip() == "Back to 40 px"

    row.default.click()

    assert still.wish.settings == Settings()
    assert not row.default.isVisible()
    assert kept(page, config) == {"detect": {}}
    assert config.read_text(encoding="utf-8") == "# mine\n[detect]\n"


def test_a_camera_setting_offers_to_open_the_camera_again(live: SessionController, tmp_path: Path, qtbot: QtBot) -> None:
    live.places = AppPaths(None, None, tmp_path / "facecam.toml")
    (tmp_path / "facecam.toml").touch()
    page = SettingsPage(live)
    qtbot.addWidget(page)
    page.show()
    before = live.session
    assert not page.reopen.isVisible()

    pick(page, "capture.width_px", "1280 × 720")
    assert page.reopen.isVisible()
    assert live.session is before
    page.reopen.click()

    qtbot.waitUntil(lambda: live.session is not before, timeout=30_000)
    assert live.wish.settings.capture.width_px == 1280
    assert not page.reopen.isVisible()
    qtbot.waitUntil(lambda: live.status.state is SourceState.RUNNING, timeout=30_000)
    page.close()


def test_a_running_session_takes_the_change_over(live: SessionController, tmp_path: Path, qtbot: QtBot) -> None:
    live.places = AppPaths(None, None, tmp_path / "facecam.toml")
    (tmp_path / "facecam.toml").touch()
    page = SettingsPage(live)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: bool(live.results) and live.results[0][1].sightings != (), timeout=60_000)

    number(page, "detect.min_face_size_px").setValue(400)

    qtbot.waitUntil(lambda: live.results[0][1].sightings == (), timeout=60_000)
    page.close()


def test_a_file_that_cannot_be_changed_safely_is_said_beside_the_field(
    page: SettingsPage, still: SessionController, config: Path, qtbot: QtBot
) -> None:
    config.write_text("track = {min_iou = 0.4}\n", encoding="utf-8")

    number(page, "track.leave_after_ms").setValue(4)

    row = page.rows["track.leave_after_ms"]
    qtbot.waitUntil(lambda: "not kept" in row.note.text())
    assert still.wish.settings.track.leave_after_ms == 4000
    assert config.read_text(encoding="utf-8") == "track = {min_iou = 0.4}\n"


def test_a_variable_that_wins_at_the_next_start_is_named(page: SettingsPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACECAM_TRACK_LEAVE_AFTER_MS", "3000")

    number(page, "track.leave_after_ms").setValue(4)

    assert "FACECAM_TRACK_LEAVE_AFTER_MS" in page.rows["track.leave_after_ms"].note.text()


def test_what_is_changed_elsewhere_is_shown(page: SettingsPage, still: SessionController) -> None:
    still.change(still.wish.settings.replace({"track.leave_after_ms": 7000, "identify.threshold_l2": 0.3}))

    assert number(page, "track.leave_after_ms").value() == 7
    assert "0.300" in page.rows["identify.stranger_rate"].note.text()


def test_a_value_that_no_choice_has_is_shown_as_it_is(make_live: Callable[..., SessionController], qtbot: QtBot) -> None:
    page = SettingsPage(make_live(settings=Settings().replace({"capture.width_px": 333, "identify.stranger_rate": 0.03})))
    qtbot.addWidget(page)

    assert control(page, "capture.width_px").currentText() == "333 × 480"  # type: ignore[attr-defined]
    assert control(page, "identify.stranger_rate").currentText() == "0.03"  # type: ignore[attr-defined]
    page.close()


def test_two_settings_that_belong_together_change_together(page: SettingsPage, still: SessionController) -> None:
    number(page, "detect.threads").setValue(1)

    assert (still.wish.settings.detect.threads, still.wish.settings.identify.threads) == (1, 1)


def test_the_wheel_over_a_field_scrolls_the_page_and_changes_nothing(page: SettingsPage, qtbot: QtBot, qapp: object) -> None:
    field = number(page, "capture.fps")
    control(page, "detect.min_face_size_px").setFocus()
    place = QPointF(5, 5)
    wheel = QWheelEvent(
        place,
        QPointF(field.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )

    qapp.sendEvent(field, wheel)  # type: ignore[attr-defined]

    assert field.value() == 30


def test_every_field_is_a_setting_and_has_a_name_for_screen_readers(page: SettingsPage) -> None:
    known = {f"{s.name}.{f.name}" for s in dataclasses.fields(Settings) for f in dataclasses.fields(s.default_factory)}  # type: ignore[arg-type]
    for field in (field for group in groups() for field in group.fields):
        assert set(field.keys) <= known
        assert control(page, field.keys[0]).accessibleName() == field.label
        assert page.rows[field.keys[0]].default.accessibleName() == f"Default for: {field.label}"


def test_the_places_are_named_and_their_folders_open(page: SettingsPage, gallery: Path, tmp_path: Path, qtbot: QtBot) -> None:
    opened: list[Path] = []

    class Manager(QWidget):
        @Slot(QUrl)
        def open_url(self, url: QUrl) -> None:
            opened.append(Path(url.toLocalFile()))

    assert page.places.paths["gallery"].whole() == str(gallery)
    assert page.places.paths["log"].whole() == str(tmp_path / "logs")
    assert page.places.paths["config"].whole() == str(tmp_path / "facecam.toml")
    manager = Manager()
    qtbot.addWidget(manager)
    QDesktopServices.setUrlHandler("file", manager, "open_url")
    for button in page.places.buttons.values():
        button.click()
    QDesktopServices.unsetUrlHandler("file")

    assert opened == [gallery, tmp_path, tmp_path]


def test_without_a_log_it_says_so(make_live: Callable[..., SessionController], qtbot: QtBot) -> None:
    live = make_live()
    live.places = AppPaths()
    page = SettingsPage(live)
    qtbot.addWidget(page)

    assert page.places.paths["log"].whole() == "no log is written"
    assert not page.places.buttons["log"].isEnabled()
    page.close()


def test_the_language_is_remembered_for_the_next_start(page: SettingsPage) -> None:
    page.language.setCurrentIndex(page.language.findData("en"))
    page.language.activated.emit(page.language.currentIndex())

    assert open_store().value("language") == "en"
    assert page._language_note.isVisible()


def test_opening_and_closing_fifty_times_leaves_nothing_behind(still: SessionController, qtbot: QtBot) -> None:
    open_and_close(qtbot, lambda: SettingsPage(still), 3)
    before = count_objects()

    open_and_close(qtbot, lambda: SettingsPage(still), 50)

    assert count_objects() == before
