"""The window shows the settings in use while the gallery is embedded by another network, and after refused settings."""

from __future__ import annotations

import shutil
import threading
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from facecam.gallery.gallery import Gallery, ProgressCallback, analysis_conditions
from facecam.imageio import read_image
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings
from facecam.ui.explanation.panel import ExplanationPanel
from facecam.ui.preferences import NETWORK, changes_back
from facecam.ui.session_controller import AppPaths, SessionController
from facecam.ui.settings.page import SettingsPage
from facecam.ui.threshold.studio import ThresholdStudio
from facecam.ui.window.pages import SETTINGS, STUDIO, WHY
from facecam.ui.window.window import Window
from tests.ui.portraits import EILEEN, EVERY_FRAME, GRACE, portraits_controller, tracks_by_name

PHOTOS = 8

HIGH_ACCURACY = EVERY_FRAME.replace({NETWORK: HIGH_ACCURACY_NETWORK})
UNKNOWN = "facenet"

pytestmark = pytest.mark.timeout(600)
PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def embedded_gallery(portraits: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gallery with PHOTOS of Eileen and one of Grace, which the default network has embedded."""
    gallery = tmp_path_factory.mktemp("embedded") / "gallery"
    for name, count in ((EILEEN, PHOTOS), (GRACE, 1)):
        bgr = read_image(portraits[name.lower().replace(" ", "_")])
        bgr = np.asarray(cv2.resize(bgr, (480, 480), interpolation=cv2.INTER_AREA), np.uint8)
        (gallery / name).mkdir(parents=True)
        for number in range(count):
            bgr[0, 0] = number
            cv2.imwrite(str(gallery / name / f"{number}.png"), bgr)
    with open_face_analyzer(EVERY_FRAME) as analyzer:
        Gallery.load(gallery, analyzer, conditions=analysis_conditions(EVERY_FRAME))
    return gallery


@pytest.fixture
def rest_may_follow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Event that the gallery's embedding waits for after the first photo."""
    event, load = threading.Event(), Gallery.load

    def load_and_wait(folder: Path, analyzer: Any, progress: ProgressCallback | None = None, **options: Any) -> Gallery:
        def report_progress(done: int, total: int) -> None:
            assert progress is not None
            progress(done, total)
            assert event.wait(PATIENCE_MS / 1000)

        return load(folder, analyzer, report_progress if progress is not None else None, **options)

    monkeypatch.setattr(Gallery, "load", load_and_wait)
    yield event
    event.set()


@pytest.fixture
def window(
    make_window: Callable[[SessionController], Window],
    embedded_gallery: Path,
    rest_may_follow: threading.Event,
    tmp_path: Path,
    qtbot: QtBot,
) -> Iterator[Window]:
    """A window that recognizes Eileen, with settings saved in the test's folder."""
    shutil.rmtree(tmp_path / "gallery", ignore_errors=True)
    shutil.copytree(embedded_gallery, tmp_path / "gallery")
    (tmp_path / "facecam.toml").touch()
    controller = portraits_controller(tmp_path, EILEEN)
    controller.paths = AppPaths(tmp_path / "gallery", None, tmp_path / "facecam.toml")
    window = make_window(controller)
    controller.start()
    qtbot.waitUntil(lambda: EILEEN in tracks_by_name(controller) and controller.gallery is not None, timeout=PATIENCE_MS)
    yield window
    rest_may_follow.set()
    assert controller.stop()


def wait_until_embedding(qtbot: QtBot, controller: SessionController) -> None:
    """Wait until some photos of the gallery, but not all, are embedded by the other network."""
    qtbot.waitUntil(lambda: (controller.status.gallery_progress or (0, 0))[0] > 0, timeout=PATIENCE_MS)


def wait_for_network(qtbot: QtBot, controller: SessionController, network: str) -> None:
    qtbot.waitUntil(lambda: controller.settings.identify.network == network, timeout=PATIENCE_MS)


def test_the_settings_in_use_follow_the_requested_ones_when_the_gallery_is_embedded(
    qtbot: QtBot, window: Window, rest_may_follow: threading.Event
) -> None:
    controller = window.controller
    controller.change(HIGH_ACCURACY)
    wait_until_embedding(qtbot, controller)
    meanwhile = controller.settings, controller.request.settings
    rest_may_follow.set()

    with qtbot.waitSignal(controller.settings_changed, timeout=PATIENCE_MS):
        wait_for_network(qtbot, controller, HIGH_ACCURACY_NETWORK)

    assert meanwhile == (EVERY_FRAME, HIGH_ACCURACY)


def test_the_studio_waits_for_another_network_and_then_shows_its_distances(
    qtbot: QtBot, window: Window, rest_may_follow: threading.Event
) -> None:
    controller = window.controller
    studio = window.pages.open(STUDIO)
    assert isinstance(studio, ThresholdStudio)
    qtbot.waitUntil(lambda: studio._calibration is not None, timeout=PATIENCE_MS)

    controller.change(HIGH_ACCURACY)
    wait_until_embedding(qtbot, controller)
    shown = studio._stack.currentIndex(), studio._missing.text()
    rest_may_follow.set()

    wait_for_network(qtbot, controller, HIGH_ACCURACY_NETWORK)
    qtbot.waitUntil(lambda: studio._calibration is not None, timeout=PATIENCE_MS)
    assert shown == (0, "Another network was chosen. Thresholds can be tried as soon as it is in use.")
    assert studio._stack.currentIndex() == 1
    assert studio._calibration is not None
    assert studio._calibration.cap_l2 == embedding_network(HIGH_ACCURACY_NETWORK).threshold_l2


def test_heat_maps_stay_while_the_gallery_is_embedded(qtbot: QtBot, window: Window, rest_may_follow: threading.Event) -> None:
    controller, heatmaps = window.controller, window.heatmaps
    heatmaps.set_enabled(True)
    worker = heatmaps._worker
    controller.change(HIGH_ACCURACY)
    wait_until_embedding(qtbot, controller)
    meanwhile = heatmaps._worker
    rest_may_follow.set()

    qtbot.waitUntil(lambda: heatmaps._settings.network == HIGH_ACCURACY_NETWORK, timeout=PATIENCE_MS)

    assert meanwhile is worker
    assert heatmaps._worker is not worker


def test_a_decision_is_explained_by_the_settings_in_use(qtbot: QtBot, window: Window) -> None:
    controller = window.controller
    panel = window.pages.open(WHY, tracks_by_name(controller)[EILEEN])
    assert isinstance(panel, ExplanationPanel)
    margin_l2 = embedding_network(DEFAULT_NETWORK).margin_l2
    controller.change(HIGH_ACCURACY.replace({"identify.margin_l2": 0.2}))
    wait_until_embedding(qtbot, controller)

    panel.refresh()

    assert panel.report is not None
    assert panel.report.rule is not None
    assert panel.report.rule.margin_l2 == margin_l2


def test_refused_settings_return_to_those_in_use_and_later_ones_are_accepted(qtbot: QtBot, window: Window) -> None:
    controller = window.controller
    with qtbot.waitSignal(controller.command_finished, timeout=PATIENCE_MS) as finished:
        controller.change(EVERY_FRAME.replace({NETWORK: UNKNOWN}))

    assert UNKNOWN in str(finished.args[0].error)
    assert controller.request.settings == controller.settings == EVERY_FRAME
    controller.change(controller.request.settings.replace({"track.leave_after_ms": 5000}))
    qtbot.waitUntil(lambda: controller.settings.track.leave_after_ms == 5000, timeout=PATIENCE_MS)


def test_settings_refused_meanwhile_return_to_the_waiting_ones(
    qtbot: QtBot, window: Window, rest_may_follow: threading.Event
) -> None:
    controller = window.controller
    controller.change(HIGH_ACCURACY)
    wait_until_embedding(qtbot, controller)
    with qtbot.waitSignal(controller.command_finished, timeout=PATIENCE_MS):
        controller.change(HIGH_ACCURACY.replace({NETWORK: UNKNOWN}))

    assert controller.request.settings == HIGH_ACCURACY
    rest_may_follow.set()
    wait_for_network(qtbot, controller, HIGH_ACCURACY_NETWORK)


def test_a_refused_change_is_shown_at_its_setting_and_not_left_in_the_file(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    page = window.pages.open(SETTINGS)
    assert isinstance(page, SettingsPage)
    row = page.rows[NETWORK]

    row.change_requested.emit(row.field, (UNKNOWN,))
    qtbot.waitUntil(lambda: UNKNOWN in row.note.text(), timeout=PATIENCE_MS)

    assert row.control.currentText() == "nn4.small2 (default)"  # type: ignore[attr-defined]
    assert UNKNOWN in window.toast.text
    page._settings_writer.close()
    window.settings_writer.close()
    assert UNKNOWN not in (tmp_path / "facecam.toml").read_text(encoding="utf-8")
    assert tomllib.loads((tmp_path / "facecam.toml").read_text(encoding="utf-8")).get("identify", {}) == {}


def test_only_refused_values_are_saved_again() -> None:
    used = Settings().replace({"track.leave_after_ms": 5000, "identify.false_positive_identification_rate": 0.02})
    refused = used.replace({NETWORK: UNKNOWN, "identify.false_positive_identification_rate": 0.1})

    assert changes_back(refused, used) == {NETWORK: None, "identify.false_positive_identification_rate": 0.02}
