"""A change of language, colors or text size replaces the window and leaves session, log, recording and open pages alone."""

from __future__ import annotations

import csv
import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QCheckBox, QDoubleSpinBox, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from facecam.rendering.privacy import COVER_BGR
from facecam.types import Box, DecisionStatus
from facecam.ui.app import WindowHost, make_app
from facecam.ui.appearance import Appearance, Colors
from facecam.ui.language import clock_time
from facecam.ui.name_field import NameField
from facecam.ui.people_panel import PeoplePanel
from facecam.ui.preferences import open_store
from facecam.ui.session_controller import SessionController
from facecam.ui.settings.page import SettingsPage
from facecam.ui.settings.rows import ChoiceRow
from facecam.ui.tray import TrayState
from facecam.ui.window.pages import ENROLL, FIRST_RUN, GALLERY, LABELS, PEOPLE, SETTINGS, STUDIO, TEACH
from facecam.ui.window.recording import SnapshotCountdown
from tests.ui.fakes import FakeTrayFinder, idle_controller, make_frame, make_sighting, show_result
from tests.ui.leaks import count_objects, delete_closed


@pytest.fixture
def host(qapp: QApplication, controller: SessionController) -> Iterator[WindowHost]:
    """The host of a visible window on the running demo; the application is English and light again afterwards."""
    Appearance(language="en").save(open_store())
    Appearance(language="en").apply(qapp)
    made = WindowHost(qapp, controller, open_store())
    made.window.show()
    yield made
    made.window.close()
    made.close()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    Appearance(language="en").apply(qapp)


def change(qtbot: QtBot, host: WindowHost, **changes: object) -> None:
    """Change the appearance as the settings page does, and wait for the window."""
    with qtbot.waitSignal(host.replaced):
        Appearance.load(open_store()).replace(**changes).save(open_store())
        host.window.appearance_changed.emit()
    delete_closed(qtbot)


def test_a_stranger_who_is_hidden_while_the_window_is_replaced_stays_covered(qtbot: QtBot, qapp: QApplication) -> None:
    controller = idle_controller()
    host = WindowHost(qapp, controller, open_store())
    host.window.show()
    host.window.app_actions["cover"].trigger()
    box = Box(300, 200, 100, 100)
    show_result(controller, make_frame(), make_sighting(box, DecisionStatus.UNKNOWN))
    show_result(controller, make_frame(index=3))
    try:
        change(qtbot, host, text_percent=125)
        shown = host.window.video.snapshot()
        show_result(controller, make_frame(index=6))
        next_shown = host.window.video.snapshot()
    finally:
        host.window.close()
        host.close()
        Appearance(language="en").apply(qapp)

    for image in (shown, next_shown):
        assert image is not None
        assert image.pixelColor(350, 250).getRgb()[:3] == COVER_BGR[::-1]
        assert image.pixelColor(50, 50).getRgb()[:3] == (90, 90, 90)


def settings_page(host: WindowHost) -> SettingsPage:
    page = host.window.pages.widget(SETTINGS)
    assert isinstance(page, SettingsPage)
    return page


def test_ten_changes_leak_nothing(qtbot: QtBot, host: WindowHost, controller: SessionController) -> None:
    qtbot.waitUntil(lambda: controller.gallery is not None and bool(controller.results))
    controller.pause(True)
    host.window.pages.open(SETTINGS)

    def change_language(times: int) -> None:
        for number in range(times):
            change(qtbot, host, language=("de", "en")[number % 2], colors=(Colors.DARK, Colors.SYSTEM)[number % 2])
        gc.collect()
        qtbot.waitUntil(lambda: not settings_page(host)._measuring.is_busy)
        delete_closed(qtbot)

    change_language(4)
    before = count_objects()
    change_language(10)
    after = count_objects()

    assert after[0] - before[0] <= 2, "widgets known to Qt"
    assert after[1] - before[1] <= 5, "objects held by Python"


def choose(row: ChoiceRow, value: object) -> None:
    """Choose the option with this data in the settings page, as a click in its list does."""
    index = row.choice.findData(value)
    row.choice.setCurrentIndex(index)
    row.choice.activated.emit(index)


def test_a_change_of_language_takes_effect_at_once_and_back(
    qtbot: QtBot, host: WindowHost, controller: SessionController
) -> None:
    qtbot.waitUntil(lambda: bool(controller.results))
    started: list[None] = []
    controller.started.connect(lambda: started.append(None))
    session, log_path = controller.session, controller.log_path
    host.window.pages.open(SETTINGS)

    with qtbot.waitSignal(host.replaced):
        choose(settings_page(host).language, "de")
    window = host.window
    assert window.isVisible()
    assert window.app_actions["objects"].iconText() == "Gegenstände"
    assert settings_page(host).isVisible()
    assert settings_page(host).language.label == "Sprache"
    assert settings_page(host).storage.title() == "Datenschutz"
    window.app_actions["heat"].trigger()
    assert "Helle" in window.toast.text
    window.app_actions["heat"].trigger()
    assert QLocale().toString(0.5) == "0,5"

    with qtbot.waitSignal(host.replaced):
        choose(settings_page(host).language, "en")
    assert host.window.app_actions["objects"].iconText() == "Objects"
    assert settings_page(host).language.label == "Language"
    assert QLocale().toString(0.5) == "0.5"
    assert (controller.session, controller.log_path, started) == (session, log_path, [])


def test_the_log_of_the_session_has_no_gap(qtbot: QtBot, host: WindowHost, controller: SessionController) -> None:
    qtbot.waitUntil(lambda: controller.log_path is not None)
    log_path = controller.log_path
    assert log_path is not None
    for language in ("de", "en", "de"):
        seen = controller.results[0][0].index if controller.results else 0
        change(qtbot, host, language=language)
        qtbot.waitUntil(lambda seen=seen: bool(controller.results) and controller.results[0][0].index > seen + 3)
    assert controller.stop()

    with log_path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    frames = [int(row["frame_index"]) for row in rows if row["event"] in ("seen", "empty")]
    assert frames == sorted(frames)
    assert frames[-1] > 9
    events = {
        row["event"] for row in rows if row["event"] in ("state", "error") and 0 < int(row["frame_index"] or 0) < frames[-1]
    }
    assert events == set()
    assert len(list(log_path.parent.glob("*.csv"))) == 1


def test_the_people_panel_speaks_the_new_language(qtbot: QtBot, host: WindowHost, controller: SessionController) -> None:
    qtbot.waitUntil(lambda: bool(controller.visitor_tracker.visitors))
    at_s = controller.visitor_tracker.visitors[0].last_seen_s
    assert clock_time(at_s).endswith("M")
    if not host.window.pages.is_open(PEOPLE):
        host.window.pages.open(PEOPLE)

    change(qtbot, host, language="de")

    panel = host.window.pages.widget(PEOPLE)
    assert isinstance(panel, PeoplePanel)
    assert panel.isVisible()
    assert panel.accessibleName() == "Personen"
    assert clock_time(at_s)[-1].isdigit(), "24 hours instead of AM and PM"
    assert panel.count() > 0


def test_a_recording_continues_and_shows_the_new_language(qtbot: QtBot, host: WindowHost, controller: SessionController) -> None:
    qtbot.waitUntil(lambda: bool(controller.results))
    host.window.app_actions["record"].trigger()
    qtbot.waitUntil(lambda: host.window.recorder.is_recording)
    assert controller.session is not None
    recording = controller.session.recording
    path = recording.path

    change(qtbot, host, language="de")

    assert host.window.app_actions["record"].isChecked()
    assert recording.path == path
    assert recording.view_of is not None
    assert recording.view_of(0).texts.unknown == "Unbekannt"
    with qtbot.waitSignal(host.window.recorder.saved) as saved:
        host.window.app_actions["record"].trigger()
    assert saved.args == [path]


def test_a_paused_session_stays_paused_and_shows_its_frame(qtbot: QtBot, host: WindowHost, controller: SessionController) -> None:
    qtbot.waitUntil(lambda: bool(controller.results))
    host.window.app_actions["pause"].trigger()
    qtbot.wait(200)  # for the frame in progress
    frame = controller.frames[0]

    change(qtbot, host, language="de")

    assert controller.is_paused
    assert host.window.app_actions["pause"].isChecked()
    (tile,) = (tile for _, tile in host.window.video.tiles())
    assert tile.frame is frame
    assert tile.result is not None


def test_the_view_stays(qtbot: QtBot, host: WindowHost, controller: SessionController) -> None:
    qtbot.waitUntil(lambda: bool(controller.results))
    for name in ("loop", "heat", "cover", "figures", "bare", "fullscreen"):
        host.window.app_actions[name].setChecked(True)

    change(qtbot, host, language="de")

    window = host.window
    assert window.isFullScreen()
    assert not window.toolbar.isVisible()
    assert window.heatmaps.is_on
    assert window.video.texts.distance
    assert controller.covers_strangers
    assert window.app_actions["loop"].isChecked()


def test_geometry_scroll_position_and_focus_of_the_settings_stay(qtbot: QtBot, host: WindowHost) -> None:
    host.window.resize(1100, 700)
    page = host.window.pages.open(SETTINGS)
    assert isinstance(page, SettingsPage)
    qtbot.waitUntil(lambda: page._area.verticalScrollBar().maximum() > 0)
    page.text_size.control.setFocus()
    page._area.verticalScrollBar().setValue(40)
    geometry = host.window.geometry()

    change(qtbot, host, language="de")

    assert host.window.geometry().size() == geometry.size()
    bar = settings_page(host)._area.verticalScrollBar()
    qtbot.waitUntil(lambda: abs(bar.value() - 40) < 40)
    assert host.window.focusWidget() is settings_page(host).text_size.control


def test_the_offer_to_reopen_the_camera_stays(qtbot: QtBot, host: WindowHost) -> None:
    page = host.window.pages.open(SETTINGS)
    assert isinstance(page, SettingsPage)
    frame_rate = page.rows["capture.fps"].control
    assert isinstance(frame_rate, QDoubleSpinBox)
    frame_rate.setValue(25)
    assert page.reopen_bar.isVisible()

    change(qtbot, host, language="de")

    assert settings_page(host).reopen_bar.text == "Die Kamera übernimmt die Einstellungen, wenn sie neu geöffnet wird."


def test_a_reset_that_changes_the_colors_can_be_undone_in_the_new_window(qtbot: QtBot, host: WindowHost) -> None:
    change(qtbot, host, colors=Colors.DARK)
    page = host.window.pages.open(SETTINGS)
    assert isinstance(page, SettingsPage)
    with qtbot.waitSignal(host.replaced):
        page.reset_all.click()
    page = settings_page(host)
    assert page.undo_bar.isVisible()

    with qtbot.waitSignal(host.replaced):
        page.undo_bar.findChild(QPushButton).click()
    assert Appearance.load(open_store()).colors is Colors.DARK


def test_the_search_in_the_settings_stays(qtbot: QtBot, host: WindowHost) -> None:
    page = host.window.pages.open(SETTINGS)
    assert isinstance(page, SettingsPage)
    page.search.setText("log")

    change(qtbot, host, text_percent=150)

    assert settings_page(host).search.text() == "log"


def test_a_change_waits_for_an_open_question(qtbot: QtBot, host: WindowHost) -> None:
    host.window.question.ask("Is it really Ann?", ("Yes", lambda: None))
    old = host.window
    Appearance(language="de").save(open_store())
    old.appearance_changed.emit()

    assert "as soon as" in old.toast.text
    qtbot.wait(600)
    assert host.window is old
    with qtbot.waitSignal(host.replaced):
        old.question.dismiss()
    assert host.window.app_actions["objects"].iconText() == "Gegenstände"


def test_a_change_waits_until_a_snapshot_is_written(qtbot: QtBot, host: WindowHost, controller: SessionController) -> None:
    old, may_finish = host.window, threading.Event()
    written: list[None] = []
    old.jobs.add(lambda _: may_finish.wait(60), lambda _: written.append(None), lambda _: None)
    old.appearance_changed.emit()

    qtbot.wait(600)
    assert host.window is old
    with qtbot.waitSignal(host.replaced):
        may_finish.set()
    assert written == [None]


def test_a_change_waits_for_an_enrollment_that_is_not_saved(qtbot: QtBot, host: WindowHost) -> None:
    page = host.window.pages.open(ENROLL)
    text = "Finish or cancel the enrollment first."
    page.unsaved_text = lambda: text  # type: ignore[union-attr]
    old = host.window
    Appearance(language="de").save(open_store())
    old.appearance_changed.emit()

    assert old.toast.text == text
    qtbot.wait(600)
    assert host.window is old
    with qtbot.waitSignal(host.replaced):
        old.pages.close(ENROLL)
    assert host.window.app_actions["objects"].iconText() == "Gegenstände"


def open_menu(host: WindowHost) -> QWidget:
    host.window.choose_source()
    popup = QApplication.activePopupWidget()
    assert popup is not None
    return popup


def open_dialog(host: WindowHost) -> QWidget:
    host.window.sources.open_file()
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    return dialog


def open_countdown(host: WindowHost) -> QWidget:
    host.window.countdown.start()
    return host.window.countdown


def open_address(host: WindowHost) -> QWidget:
    host.window.address.open()
    return host.window.address


def open_name_field(host: WindowHost) -> QWidget:
    controller = host.window.controller
    field = NameField(controller, controller.visitor_tracker.visitors[0], host.window)
    field.open_at(host.window.pos())
    return field


@pytest.mark.parametrize("open_part", [open_menu, open_dialog, open_countdown, open_address, open_name_field])
def test_a_change_waits_for_what_would_disappear_with_the_window(
    qtbot: QtBot, host: WindowHost, controller: SessionController, open_part: Callable[[WindowHost], QWidget]
) -> None:
    qtbot.waitUntil(lambda: bool(controller.visitor_tracker.visitors))
    part, old = open_part(host), host.window
    Appearance(language="de").save(open_store())
    old.appearance_changed.emit()

    qtbot.wait(600)
    assert host.window is old
    assert part.isVisible()
    with qtbot.waitSignal(host.replaced):
        part.cancel() if isinstance(part, SnapshotCountdown) else part.close()


def test_the_tray_of_the_new_window_shows_the_recording_and_hides_it_as_before(
    qtbot: QtBot, host: WindowHost, controller: SessionController
) -> None:
    host.window.tray._finder = FakeTrayFinder()
    qtbot.waitUntil(lambda: bool(controller.results))
    host.window.tray.start_hidden()
    host.window.hide()
    host.window.app_actions["record"].trigger()
    qtbot.waitUntil(lambda: host.window.tray.state is TrayState.RECORDING)
    try:
        change(qtbot, host, language="de")

        assert host.window.tray.state is TrayState.RECORDING
        assert host.window.tray.hides_window
        assert not QGuiApplication.quitOnLastWindowClosed()
        assert not host.window.isVisible()
    finally:
        QGuiApplication.setQuitOnLastWindowClosed(True)
        host.window.tray.is_quitting = True


def test_a_hidden_window_whose_tray_is_gone_appears_in_its_new_language(qtbot: QtBot, host: WindowHost) -> None:
    finder = host.window.tray._finder = FakeTrayFinder()
    host.window.tray.update()
    host.window.tray.hide_window()
    finder.has_tray = False

    change(qtbot, host, language="de")

    assert host.window.isVisible()


def test_the_text_size_applies_to_every_widget_at_once(qtbot: QtBot, host: WindowHost, qapp: QApplication) -> None:
    before = qapp.font().pointSizeF()
    host.window.pages.open(SETTINGS)
    sizes = {page_part.font().pointSizeF() for page_part in settings_page(host).findChildren(QWidget)}

    change(qtbot, host, text_percent=200)

    assert qapp.font().pointSizeF() == pytest.approx(2 * before)
    doubled = {page_part.font().pointSizeF() for page_part in settings_page(host).findChildren(QWidget)}
    assert sorted(doubled) == pytest.approx([2 * size for size in sorted(sizes)], abs=0.1)
    assert host.window.menuBar().font().pointSizeF() == pytest.approx(2 * before)
    change(qtbot, host, text_percent=100)
    assert qapp.font().pointSizeF() == pytest.approx(before)


def test_dark_and_light_colors_apply_at_once(qtbot: QtBot, host: WindowHost, qapp: QApplication) -> None:
    system = qapp.palette().window().color()

    change(qtbot, host, colors=Colors.DARK)
    assert host.window.palette().window().color().lightness() < 100
    assert host.window.palette().windowText().color().lightness() > 200
    change(qtbot, host, colors=Colors.LIGHT)
    assert host.window.palette().window().color().lightness() > 200
    change(qtbot, host, colors=Colors.SYSTEM)
    assert qapp.palette().window().color() == system


def test_new_colors_of_the_system_apply_as_soon_as_no_page_is_in_use(qtbot: QtBot, host: WindowHost, qapp: QApplication) -> None:
    old = host.window
    old.pages.open(GALLERY)

    # The offscreen platform has no colors that could change.
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    qtbot.wait(600)
    assert host.window is old
    with qtbot.waitSignal(host.replaced):
        old.pages.close(GALLERY)


def test_new_colors_of_the_system_do_not_matter_with_colors_of_the_users_own(
    qtbot: QtBot, host: WindowHost, qapp: QApplication
) -> None:
    change(qtbot, host, colors=Colors.LIGHT)
    old = host.window

    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    qtbot.wait(600)

    assert host.window is old


def test_a_change_that_cannot_be_saved_is_applied_and_says_so(qtbot: QtBot, host: WindowHost) -> None:
    path = Path(open_store().fileName())
    path.unlink()
    path.mkdir()

    change(qtbot, host, language="de")
    assert host.window.app_actions["objects"].iconText() == "Gegenstände"
    change(qtbot, host, language="en")

    assert host.window.toast.text == f"Applied until you quit, but not saved: {path} cannot be written"


def test_the_next_start_has_the_stored_appearance(qapp: QApplication) -> None:
    before = qapp.font().pointSizeF()
    Appearance("de", Colors.DARK, 150).save(open_store())
    try:
        make_app()
        assert QCoreApplication.translate("Actions", "Objects") == "Gegenstände"
        assert qapp.palette().window().color().lightness() < 100
        assert qapp.font().pointSizeF() == pytest.approx(1.5 * before)
    finally:
        Appearance(language="en").apply(qapp)


def contrast(a: QColor, b: QColor) -> float:
    """Return the contrast ratio of WCAG 2."""

    def luminance(color: QColor) -> float:
        parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in color.getRgbF()[:3]]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("page_id", [None, SETTINGS, GALLERY, ENROLL, TEACH, STUDIO, FIRST_RUN, LABELS])
def test_texts_are_readable_in_dark_colors(qtbot: QtBot, host: WindowHost, page_id: str | None) -> None:
    change(qtbot, host, colors=Colors.DARK)
    if page_id is not None:
        host.window.pages.open(page_id)

    for label in host.window.findChildren(QLabel):
        if label.isVisible() and label.isEnabled() and label.text() and not label.styleSheet():
            palette = label.palette()
            ground = next((part for part in ancestors(label) if part.autoFillBackground()), host.window)
            background = ground.palette().color(ground.backgroundRole())
            assert contrast(palette.color(label.foregroundRole()), background) >= 4.5, label.text()


def ancestors(widget: QWidget) -> Iterator[QWidget]:
    """Yield a widget and its parents."""
    part: QWidget | None = widget
    while part is not None:
        yield part
        part = part.parentWidget()


def test_an_empty_check_box_is_visible_in_dark_colors(qtbot: QtBot, host: WindowHost) -> None:
    change(qtbot, host, colors=Colors.DARK)
    box = QCheckBox()
    qtbot.addWidget(box)
    box.show()
    image = box.grab().toImage()

    pixels = {image.pixelColor(x, image.height() // 2).rgb() for x in range(image.width())}

    assert max(contrast(QColor(pixel), box.palette().color(QPalette.ColorRole.Base)) for pixel in pixels) >= 3
    assert max(contrast(QColor(pixel), host.window.palette().window().color()) for pixel in pixels) >= 3
