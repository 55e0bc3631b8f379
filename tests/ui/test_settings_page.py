"""The settings page applies changes at once, saves them in facecam.toml, and shows errors at their settings."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDoubleSpinBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from facecam.diagnostics.speed import measure_embedding_costs
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK
from facecam.privacy.places import PlaceKind, output_folder
from facecam.session.status import SourceState
from facecam.settings import Settings, load_settings
from facecam.ui import autostart
from facecam.ui.appearance import Appearance, Colors
from facecam.ui.notifications import NotificationChoice
from facecam.ui.preferences import NETWORK, open_store
from facecam.ui.session_controller import AppPaths, SessionController
from facecam.ui.settings.fields import groups
from facecam.ui.settings.page import SettingsPage
from facecam.ui.settings.rows import ChoiceRow, Row
from facecam.ui.tray import runs_in_background
from facecam.ui.window.recording import new_output_path
from tests.ui.leaks import count_objects, open_and_close

CONFIG = "# mine\n[detect]\nmin_face_size_px = 60 # far away\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "facecam.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


@pytest.fixture
def idle(make_controller: Callable[..., SessionController], config: Path, gallery: Path, tmp_path: Path) -> SessionController:
    """Controller that is not started, with the settings of the file."""
    controller = make_controller(settings=load_settings(config, environment={}))
    controller.paths = AppPaths(gallery, tmp_path / "logs", config)
    return controller


@pytest.fixture
def page(qtbot: QtBot, idle: SessionController) -> SettingsPage:
    page = SettingsPage(idle)
    qtbot.addWidget(page, before_close_func=lambda page: page._settings_writer.close())
    page.show()
    return page


def control(page: SettingsPage, key: str) -> QWidget:
    return page.rows[key].control


def number(page: SettingsPage, key: str) -> QDoubleSpinBox:
    box = control(page, key)
    assert isinstance(box, QDoubleSpinBox)
    return box


def choice(page: SettingsPage, key: str) -> QComboBox:
    combo = control(page, key)
    assert isinstance(combo, QComboBox)
    return combo


def select(page: SettingsPage, key: str, text: str) -> None:
    """Select the option that begins with the text."""
    combo = choice(page, key)
    combo.setCurrentIndex(combo.findText(text, Qt.MatchFlag.MatchStartsWith))
    combo.activated.emit(combo.currentIndex())


def saved(page: SettingsPage, config: Path) -> dict[str, object]:
    page._settings_writer.close()
    return tomllib.loads(config.read_text(encoding="utf-8"))


def test_the_page_shows_the_current_settings(page: SettingsPage) -> None:
    assert number(page, "detect.min_face_size_px").value() == 60
    assert number(page, "track.leave_after_ms").value() == 3.0
    assert control(page, "capture.width_px").currentText() == "640 × 480"  # type: ignore[attr-defined]
    rate = control(page, "identify.false_positive_identification_rate")
    assert rate.currentText() == "at most 1 in 100"  # type: ignore[attr-defined]


def test_a_number_applies_at_once_and_is_saved_while_the_rest_of_the_file_stays(
    page: SettingsPage, idle: SessionController, config: Path, qtbot: QtBot
) -> None:
    field = number(page, "track.leave_after_ms")
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "5")
    qtbot.keyClick(field, Qt.Key.Key_Return)

    assert idle.request.settings.track.leave_after_ms == 5000
    assert saved(page, config)["track"] == {"leave_after_ms": 5000}
    assert config.read_text(encoding="utf-8").startswith(CONFIG)


def test_switches_and_choices_are_saved_with_their_types(page: SettingsPage, idle: SessionController, config: Path) -> None:
    box = control(page, "track.presentation_check")
    assert isinstance(box, QCheckBox)
    box.click()
    select(page, NETWORK, "High accuracy")
    select(page, "identify.false_positive_identification_rate", "at most 1 in 1000")

    settings = idle.request.settings
    assert not settings.track.presentation_check
    assert settings.identify.network == HIGH_ACCURACY_NETWORK
    assert settings.identify.false_positive_identification_rate == 0.001
    assert saved(page, config)["track"] == {"presentation_check": False}
    assert load_settings(config, environment={}) == settings


def test_an_invalid_value_shows_an_error_and_changes_nothing(page: SettingsPage, idle: SessionController, config: Path) -> None:
    before = idle.request.settings
    row = page.rows["detect.min_face_size_px"]

    number(page, "detect.min_face_size_px").setValue(5)

    assert row.note.isVisible()
    assert "detect.min_face_size_px is 5, expected 12 to 10000" in row.note.text()
    assert idle.request.settings == before
    assert saved(page, config) == tomllib.loads(CONFIG)
    row.reset.click()
    assert not row.note.isVisible()
    assert number(page, "detect.min_face_size_px").value() == 40


def test_reset_applies_the_default_and_removes_the_line_from_the_file(
    page: SettingsPage, idle: SessionController, config: Path
) -> None:
    row = page.rows["detect.min_face_size_px"]
    assert row.reset.isVisible()
    assert row.reset.toolTip() == "Reset to 40 px"

    row.reset.click()

    assert idle.request.settings == Settings()
    assert not row.reset.isVisible()
    assert saved(page, config) == {"detect": {}}
    assert config.read_text(encoding="utf-8") == "# mine\n[detect]\n"


def test_a_camera_setting_offers_to_reopen_the_camera(controller: SessionController, tmp_path: Path, qtbot: QtBot) -> None:
    controller.paths = AppPaths(None, None, tmp_path / "facecam.toml")
    (tmp_path / "facecam.toml").touch()
    page = SettingsPage(controller)
    qtbot.addWidget(page)
    page.show()
    before = controller.session
    assert not page.reopen_bar.isVisible()

    select(page, "capture.width_px", "1280 × 720")
    assert page.reopen_bar.isVisible()
    assert controller.session is before
    (reopen,) = page.reopen_bar.findChildren(QPushButton)
    assert reopen.text() == "Reopen the camera"
    reopen.click()

    qtbot.waitUntil(lambda: controller.session is not before)
    assert controller.request.settings.capture.width_px == 1280
    assert not page.reopen_bar.isVisible()
    qtbot.waitUntil(lambda: controller.status.state is SourceState.RUNNING)
    page.close()


def test_a_running_session_applies_the_change(controller: SessionController, tmp_path: Path, qtbot: QtBot) -> None:
    controller.paths = AppPaths(None, None, tmp_path / "facecam.toml")
    (tmp_path / "facecam.toml").touch()
    page = SettingsPage(controller)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: bool(controller.results) and controller.results[0][1].sightings != ())

    number(page, "detect.min_face_size_px").setValue(400)

    qtbot.waitUntil(lambda: controller.results[0][1].sightings == ())
    page.close()


def test_a_file_that_cannot_be_changed_shows_an_error_at_the_setting(
    page: SettingsPage, idle: SessionController, config: Path, qtbot: QtBot
) -> None:
    config.write_text("track = 3\n", encoding="utf-8")

    number(page, "track.leave_after_ms").setValue(4)

    row = page.rows["track.leave_after_ms"]
    qtbot.waitUntil(lambda: "not saved" in row.note.text())
    assert idle.request.settings.track.leave_after_ms == 4000
    assert config.read_text(encoding="utf-8") == "track = 3\n"


def test_an_environment_variable_that_overrides_the_setting_is_named(page: SettingsPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACECAM_TRACK_LEAVE_AFTER_MS", "3000")

    number(page, "track.leave_after_ms").setValue(4)

    assert "FACECAM_TRACK_LEAVE_AFTER_MS" in page.rows["track.leave_after_ms"].note.text()


def test_a_change_made_elsewhere_is_shown(page: SettingsPage, idle: SessionController) -> None:
    idle.change(idle.request.settings.replace({"track.leave_after_ms": 7000, "identify.threshold_l2": 0.3}))

    assert number(page, "track.leave_after_ms").value() == 7
    assert "0.300" in page.rows["identify.false_positive_identification_rate"].note.text()


def test_a_value_that_is_not_listed_is_shown_unchanged(make_controller: Callable[..., SessionController], qtbot: QtBot) -> None:
    page = SettingsPage(
        make_controller(
            settings=Settings().replace({"capture.width_px": 333, "identify.false_positive_identification_rate": 0.03})
        )
    )
    qtbot.addWidget(page)

    assert control(page, "capture.width_px").currentText() == "333 × 480"  # type: ignore[attr-defined]
    assert control(page, "identify.false_positive_identification_rate").currentText() == "0.03"  # type: ignore[attr-defined]
    page.close()


def test_two_settings_that_belong_together_change_together(page: SettingsPage, idle: SessionController) -> None:
    number(page, "detect.threads").setValue(1)

    assert (idle.request.settings.detect.threads, idle.request.settings.identify.threads) == (1, 1)


def test_the_wheel_over_a_field_scrolls_the_page_and_changes_nothing(page: SettingsPage, qtbot: QtBot, qapp: object) -> None:
    field = number(page, "capture.fps")
    control(page, "detect.min_face_size_px").setFocus()
    point = QPointF(5, 5)
    wheel = QWheelEvent(
        point,
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


def test_every_field_is_a_setting_with_a_name_for_screen_readers_and_reached_by_tab(page: SettingsPage) -> None:
    known = {f"{s.name}.{f.name}" for s in dataclasses.fields(Settings) for f in dataclasses.fields(s.default_factory)}  # type: ignore[arg-type]
    for field in (field for fields in groups().values() for field in fields):
        assert set(field.keys) <= known
        assert control(page, field.keys[0]).accessibleName() == field.label
        assert control(page, field.keys[0]).focusPolicy() & Qt.FocusPolicy.TabFocus
        assert page.rows[field.keys[0]].reset.accessibleName() == f"Reset: {field.label}"


def test_the_paths_are_shown_and_their_folders_open(page: SettingsPage, gallery: Path, tmp_path: Path, qtbot: QtBot) -> None:
    opened: list[Path] = []

    class FileManager(QWidget):
        @Slot(QUrl)
        def open_url(self, url: QUrl) -> None:
            opened.append(Path(url.toLocalFile()))

    assert page.storage.paths["gallery"].accessibleName() == str(gallery)
    assert page.storage.paths["log"].accessibleName() == str(tmp_path / "logs")
    assert page.storage.paths["config"].accessibleName() == str(tmp_path / "facecam.toml")
    manager = FileManager()
    qtbot.addWidget(manager)
    QDesktopServices.setUrlHandler("file", manager, "open_url")
    for button in page.storage.buttons.values():
        button.click()
    QDesktopServices.unsetUrlHandler("file")

    assert opened == [gallery, tmp_path, tmp_path]


def test_a_missing_log_is_stated(make_controller: Callable[..., SessionController], qtbot: QtBot) -> None:
    controller = make_controller()
    controller.paths = AppPaths()
    page = SettingsPage(controller)
    qtbot.addWidget(page)

    assert page.storage.paths["log"].accessibleName() == "no log"
    assert not page.storage.buttons["log"].isEnabled()
    page.close()


def choose(row: ChoiceRow, value: object) -> None:
    """Choose the option with this data."""
    index = row.choice.findData(value)
    row.choice.setCurrentIndex(index)
    row.choice.activated.emit(index)


def test_language_colors_and_text_size_are_stored_and_announced(page: SettingsPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.appearance_changed):
        choose(page.language, "de")
    choose(page.colors, "dark")
    choose(page.text_size, 150)

    assert Appearance.load(open_store()) == Appearance("de", Colors.DARK, 150)
    assert page.text_size.reset.isVisible()
    page.text_size.reset.click()
    assert Appearance.load(open_store()) == Appearance("de", Colors.DARK, 100)
    assert not page.text_size.reset.isVisible()


def test_an_appearance_that_is_not_known_is_the_default(qapp: object) -> None:
    store = open_store()
    store.setValue("colors", "purple")
    store.setValue("text_percent", "1000")

    assert Appearance.load(store) == Appearance()


def test_a_folder_is_chosen_opened_and_reset(page: SettingsPage, tmp_path: Path) -> None:
    row, location = page.folders[0], PlaceKind.SNAPSHOTS
    default = output_folder(location)
    assert row.path.accessibleName() == str(default)
    assert not row.reset.isVisible()

    row.use(tmp_path / "disk")
    assert row.path.accessibleName() == str(tmp_path / "disk")
    assert new_output_path(location, ".png").parent == tmp_path / "disk"
    assert new_output_path(PlaceKind.RECORDINGS, ".mp4").parent != tmp_path / "disk"

    row.reset.click()
    assert row.path.accessibleName() == str(default)
    assert new_output_path(location, ".png").parent == default


@pytest.mark.parametrize("value", [["a", "b"], "disk", None])
def test_a_folder_in_window_ini_that_is_no_absolute_path_does_not_count(qapp: QApplication, value: object) -> None:
    location = PlaceKind.SNAPSHOTS
    open_store().setValue("folders/snapshots", value)

    assert output_folder(location) == output_folder(location, is_default=True)


def test_a_folder_that_cannot_be_written_is_refused(page: SettingsPage, tmp_path: Path) -> None:
    row = page.folders[1]
    before = row.path.accessibleName()
    (tmp_path / "file").touch()

    row.use(tmp_path / "file" / "videos")

    assert row.path.accessibleName() == before
    assert f"The folder {tmp_path}/file/videos cannot be written" in row.note.text()
    assert new_output_path(PlaceKind.RECORDINGS, ".mp4").parent == Path(before)


def old_session(folder: Path, days: int) -> Path:
    """Write a log that ended some days ago and return its path."""
    ended = datetime.now(UTC) - timedelta(days=days)
    stem = folder / f"{ended:%Y-%m-%d}" / f"{ended:%Y%m%dT%H%M%SZ}-0000"
    stem.parent.mkdir(parents=True)
    stem.with_suffix(".json").write_text(json.dumps({"ended_at_utc": ended.isoformat()}), encoding="utf-8")
    stem.with_suffix(".csv").touch()
    return stem.with_suffix(".csv")


def test_logs_are_deleted_only_after_the_question(
    page: SettingsPage, idle: SessionController, tmp_path: Path, qtbot: QtBot
) -> None:
    old_session(tmp_path / "logs", 40)
    question = page.retention_question

    select(page, "log.keep_days", "30")
    qtbot.waitUntil(question.isVisible)
    assert question.text == "One session ended more than 30 days ago. Its log will be deleted for good."
    assert choice(page, "log.keep_days").currentText() == "Forever"
    question.dismiss()
    assert idle.request.settings.log.keep_days == 0

    select(page, "log.keep_days", "30")
    qtbot.waitUntil(question.isVisible)
    qtbot.keyClick(question, Qt.Key.Key_Return)
    assert idle.request.settings.log.keep_days == 30
    assert choice(page, "log.keep_days").currentText() == "30 days"


def test_a_retention_that_deletes_nothing_now_applies_without_a_question(
    page: SettingsPage, idle: SessionController, tmp_path: Path, qtbot: QtBot
) -> None:
    old_session(tmp_path / "logs", 40)

    select(page, "log.keep_days", "90")

    qtbot.waitUntil(lambda: idle.request.settings.log.keep_days == 90)
    assert not page.retention_question.isVisible()
    assert "deleted 90 days after its end" in page.rows["log.keep_days"].note.text()


def test_a_running_session_deletes_old_logs_once_the_retention_is_chosen(
    controller: SessionController, tmp_path: Path, qtbot: QtBot
) -> None:
    controller.paths = AppPaths(None, tmp_path / "logs", tmp_path / "facecam.toml")
    (tmp_path / "facecam.toml").touch()
    old, confirming = old_session(tmp_path / "logs", 40), old_session(tmp_path / "logs", 10)
    page = SettingsPage(controller)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: controller.log_path is not None)

    select(page, "log.keep_days", "30")
    qtbot.waitUntil(page.retention_question.isVisible)
    assert old.exists()
    qtbot.keyClick(page.retention_question, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: not old.exists())
    assert confirming.exists()
    page.close()


def test_without_a_log_the_next_session_writes_none_and_markers_say_so(
    controller: SessionController, tmp_path: Path, qtbot: QtBot
) -> None:
    controller.paths = AppPaths(None, tmp_path / "logs", tmp_path / "facecam.toml")
    (tmp_path / "facecam.toml").touch()
    page = SettingsPage(controller)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: controller.log_path is not None)
    first = controller.session
    box = control(page, "log.enabled")
    assert isinstance(box, QCheckBox)

    box.click()
    assert controller.session is first
    assert first is not None
    assert first.has_log
    (start,) = page.reopen_bar.findChildren(QPushButton)
    assert start.text() == "Start a new session"
    start.click()

    qtbot.waitUntil(lambda: controller.session is not first)
    qtbot.waitUntil(lambda: bool(controller.results))
    assert controller.session is not None
    assert not controller.session.has_log
    assert controller.log_path is None
    assert saved(page, tmp_path / "facecam.toml")["log"] == {"enabled": False}
    page.close()


def test_a_window_without_a_log_cannot_switch_it(make_controller: Callable[..., SessionController], qtbot: QtBot) -> None:
    controller = make_controller()
    controller.paths = AppPaths()
    page = SettingsPage(controller)
    qtbot.addWidget(page)

    assert not control(page, "log.enabled").isEnabled()
    assert "started without a log" in page.rows["log.enabled"].note.text()
    page.close()


def test_all_settings_are_reset_and_undo_restores_them_and_the_file(
    page: SettingsPage, idle: SessionController, config: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    select(page, NETWORK, "High accuracy")
    choose(page.colors, "dark")
    page.folders[0].use(tmp_path / "disk")
    before = idle.request.settings
    page._settings_writer.close()
    text = config.read_text(encoding="utf-8")

    with qtbot.waitSignal(page.appearance_changed):
        page.reset_all.click()
    assert idle.request.settings == Settings()
    assert Appearance.load(open_store()) == Appearance()
    assert page.colors.choice.currentText() == "As the system"
    assert page.folders[0].path.accessibleName() != str(tmp_path / "disk")
    page._settings_writer.close()
    assert load_settings(config, environment={}) == Settings()

    (undo,) = page.undo_bar.findChildren(QPushButton)
    undo.click()
    assert idle.request.settings == before
    assert config.read_text(encoding="utf-8") == text
    assert Appearance.load(open_store()).colors is Colors.DARK
    assert page.folders[0].path.accessibleName() == str(tmp_path / "disk")
    assert choice(page, NETWORK).currentText() == "High accuracy"
    assert not page.undo_bar.isVisible()


def test_the_offer_to_reopen_the_camera_ends_with_the_next_session(page: SettingsPage, idle: SessionController) -> None:
    number(page, "capture.fps").setValue(25)
    assert page.reopen_bar.isVisible()

    idle.started.emit()

    assert not page.reopen_bar.isVisible()


def test_a_reset_that_cannot_be_saved_changes_nothing_and_says_why(page: SettingsPage, config: Path, qtbot: QtBot) -> None:
    choose(page.colors, "dark")
    config.write_text("[capture", encoding="utf-8")

    with qtbot.waitSignal(page.message_posted) as posted:
        page.reset_all.click()

    (text,) = posted.args
    assert text.startswith(f"The settings were not changed: {config} cannot be changed: ")
    assert number(page, "detect.min_face_size_px").value() == 60
    assert Appearance.load(open_store()).colors is Colors.DARK
    assert not page.undo_bar.isVisible()


def test_an_undo_of_the_reset_that_cannot_be_saved_changes_nothing_and_is_still_offered(
    page: SettingsPage, idle: SessionController, config: Path, qtbot: QtBot
) -> None:
    page.reset_all.click()
    config.unlink()
    config.mkdir()
    (config / "file").touch()

    with qtbot.waitSignal(page.message_posted) as posted:
        page.undo_bar.findChild(QPushButton).click()

    (text,) = posted.args
    assert text.startswith("The settings were not changed: ")
    assert idle.request.settings == Settings()
    assert page.undo_bar.isVisible()


@pytest.mark.parametrize(
    "change",
    [lambda page: number(page, "track.leave_after_ms").setValue(4), lambda page: choose(page.colors, "dark")],
    ids=["setting", "colors"],
)
def test_a_later_change_ends_the_offer_to_undo_the_reset(page: SettingsPage, change: Callable[[SettingsPage], None]) -> None:
    page.reset_all.click()
    assert page.undo_bar.isVisible()

    change(page)

    assert not page.undo_bar.isVisible()


def test_a_reset_ends_the_start_at_login_and_the_notifications_and_undo_restores_both(page: SettingsPage) -> None:
    page.background.at_login.click()
    page.background.strangers.click()
    page.background.keep_running.click()

    page.reset_all.click()
    assert not autostart.is_enabled()
    assert not NotificationChoice.load(open_store()).strangers
    assert not runs_in_background(open_store())

    page._undo_reset()
    assert autostart.is_enabled()
    assert NotificationChoice.load(open_store()).strangers
    assert runs_in_background(open_store())


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("dark", {"colors"}),
        ("deutsch", {"language"}),
        ("mirror", {"identify.mirrored"}),
        ("camera resolution", {"capture.width_px"}),
    ],
)
def test_the_search_finds_a_setting_by_its_label_its_hint_and_its_options(
    page: SettingsPage, text: str, keys: set[str], qtbot: QtBot
) -> None:
    qtbot.keyClicks(page.search, text)

    assert {row.key for row in page.findChildren(Row) if row.isVisible()} == keys


def test_tab_goes_through_the_page_from_top_to_bottom(page: SettingsPage, qtbot: QtBot, qapp: QApplication) -> None:
    page.resize(800, 3000)
    page.activateWindow()
    page.search.setFocus()
    qtbot.waitUntil(page.search.hasFocus)
    visited: list[QWidget] = []
    while page.focusWidget() is not page.reset_all and len(visited) < 100:
        focused = page.focusWidget()
        visited.append(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)

    tops = [widget.mapTo(page, QPoint(0, widget.height() // 2)).y() for widget in visited]
    assert page.focusWidget() is page.reset_all
    assert len(visited) > 20
    assert all(below - above > -20 for above, below in pairwise(tops)), [widget.objectName() for widget in visited]


def test_a_search_without_a_match_says_so(page: SettingsPage) -> None:
    page.search.setText("xyzzy")
    assert page._nothing_found.isVisible()

    page.search.clear()
    assert not page._nothing_found.isVisible()
    assert page.reset_all.isVisible()


def test_the_cost_of_each_network_is_measured_when_the_page_is_opened_and_stored(
    idle: SessionController, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACECAM_CACHE", str(tmp_path / "cache"))
    page = SettingsPage(idle)
    qtbot.addWidget(page)
    hint = page.rows[NETWORK]._hint
    assert not page._measuring.is_busy

    page.show()
    assert hint.text().endswith("The time per face is being measured…")
    qtbot.waitUntil(lambda: "high accuracy" in hint.text())

    assert (tmp_path / "cache" / "embedding_costs.json").is_file()
    page.close()


def test_stored_costs_are_shown_without_measuring(idle: SessionController, qtbot: QtBot) -> None:
    costs_ms = measure_embedding_costs(idle.request.settings.identify)
    page = SettingsPage(idle)
    qtbot.addWidget(page)

    page.show()

    assert not page._measuring.is_busy
    figures = f"nn4.small2 {costs_ms[DEFAULT_NETWORK]:.1f} ms, high accuracy {costs_ms[HIGH_ACCURACY_NETWORK]:.1f} ms."
    assert page.rows[NETWORK]._hint.text().endswith(f"Time per face on this computer: {figures}")
    page.close()


def test_the_two_shipped_networks_are_offered(page: SettingsPage) -> None:
    combo = choice(page, NETWORK)

    assert [combo.itemText(index) for index in range(combo.count())] == ["nn4.small2 (default)", "High accuracy"]


def test_a_network_in_use_that_is_not_offered_is_shown(make_controller: Callable[..., SessionController], qtbot: QtBot) -> None:
    page = SettingsPage(make_controller(settings=Settings().replace({NETWORK: "nn4_small2_openface_v1"})))
    qtbot.addWidget(page)

    assert choice(page, NETWORK).currentText() == "nn4_small2_openface_v1"
    page.close()


def test_a_fixed_threshold_is_ignored_with_another_network_and_returns_with_its_own(
    page: SettingsPage, idle: SessionController, config: Path
) -> None:
    config.write_text(f'[identify]\nthreshold_l2 = 1.1\ndistances_network = "{DEFAULT_NETWORK}"\n', encoding="utf-8")
    idle.change(load_settings(config, environment={}))
    note = page.rows[NETWORK].note

    select(page, NETWORK, "High accuracy")
    assert idle.request.settings.identify.threshold_l2 is None
    assert note.isVisible()
    assert "identify.threshold_l2: not used, because set for the network nn4_small2_facecam_v2" in note.text()
    assert saved(page, config)["identify"] == {
        "threshold_l2": 1.1,
        "distances_network": DEFAULT_NETWORK,
        "network": HIGH_ACCURACY_NETWORK,
    }

    select(page, NETWORK, "nn4.small2")
    assert idle.request.settings.identify.threshold_l2 == 1.1
    assert not note.isVisible()
    page._settings_writer.close()
    assert load_settings(config, environment={}) == idle.request.settings


def test_a_threshold_of_an_earlier_version_is_noted_when_the_page_is_opened(
    idle: SessionController, config: Path, qtbot: QtBot
) -> None:
    config.write_text("[identify]\nthreshold_l2 = 0.4\n", encoding="utf-8")
    page = SettingsPage(idle)
    qtbot.addWidget(page)

    page.show()

    assert "set for the network nn4_small2_facecam_v1" in page.rows[NETWORK].note.text()
    page.close()


def test_opening_and_closing_leaks_no_objects(idle: SessionController, qtbot: QtBot) -> None:
    open_and_close(qtbot, lambda: SettingsPage(idle), 3)
    before = count_objects()

    open_and_close(qtbot, lambda: SettingsPage(idle), 10)

    assert count_objects() == before
