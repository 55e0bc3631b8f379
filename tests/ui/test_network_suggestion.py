"""The window compares the networks in the background and suggests high accuracy with both figures."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.gallery.network_comparison import NetworkComparison, compare_networks
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings, load_settings
from facecam.ui.app import make_app
from facecam.ui.preferences import NETWORK
from facecam.ui.session_controller import AppPaths, SessionController
from facecam.ui.window.window import Window
from tests.hard_people import enroll_hard_people
from tests.session.test_comparison_process import children
from tests.ui.portraits import EILEEN, portraits_controller

MakeWindow = Callable[[SessionController], Window]
OpenWindow = Callable[..., Window]

pytestmark = pytest.mark.timeout(600)
PATIENCE_MS = 120_000


@pytest.fixture
def open_window(make_window: MakeWindow, tmp_path: Path, request: pytest.FixtureRequest) -> OpenWindow:
    """Return a function that opens a window on the gallery in the test's folder, and starts comparing after 0.1 s."""

    def opened(settings: Settings | None = None) -> Window:
        controller = portraits_controller(tmp_path, EILEEN)
        request.addfinalizer(controller.stop)
        controller.paths = AppPaths(tmp_path / "gallery", None, tmp_path / "facecam.toml")
        if settings is not None:
            controller.change(settings)
        window = make_window(controller)
        window.network_suggestion.timer.setInterval(100)
        controller.start()
        return window

    (tmp_path / "facecam.toml").touch()
    return opened


@pytest.fixture
def new_gallery(test_data: Path, tmp_path: Path) -> Path:
    """Gallery of six people whose photos no network has read yet."""
    return enroll_hard_people(test_data, tmp_path / "gallery")


@pytest.fixture(scope="module")
def comparison_of(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, NetworkComparison]:
    """A gallery, and its figures, which are stored in it."""
    folder, settings = enroll_hard_people(test_data, tmp_path_factory.mktemp("compared") / "gallery"), Settings()
    with open_face_analyzer(settings) as analyzer:
        gallery = Gallery.load(folder, analyzer, conditions=analysis_conditions(settings))
    comparison = compare_networks(gallery, settings)
    assert comparison is not None
    return folder, comparison


@pytest.fixture
def comparison(comparison_of: tuple[Path, NetworkComparison], tmp_path: Path) -> NetworkComparison:
    """The figures of the gallery in the test's folder, which are stored in it."""
    shutil.copytree(comparison_of[0], tmp_path / "gallery")
    return comparison_of[1]


def buttons(window: Window) -> dict[str, QPushButton]:
    return {button.text(): button for button in window.suggestion.findChildren(QPushButton) if button.isVisible()}


def wait_for_suggestion(qtbot: QtBot, window: Window) -> str:
    qtbot.waitUntil(lambda: bool(window.suggestion.text), timeout=PATIENCE_MS)
    return window.suggestion.text


def test_high_accuracy_is_suggested_with_both_figures_while_recognition_goes_on(
    qtbot: QtBot, new_gallery: Path, open_window: OpenWindow
) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: window.network_suggestion._jobs.is_busy, timeout=PATIENCE_MS)
    session = window.controller.session
    assert session is not None
    recognized = session.status().recognized

    text = wait_for_suggestion(qtbot, window)

    assert text.startswith("With high accuracy, ")
    assert " of your 12 photos are named correctly " in text
    assert "nn4.small2" in text
    assert session.status().recognized > recognized
    assert list(buttons(window)) == ["Use high accuracy", "Not now"]


def test_the_button_changes_the_network_and_saves_it(
    qtbot: QtBot, comparison: NetworkComparison, open_window: OpenWindow, tmp_path: Path
) -> None:
    window = open_window()
    wait_for_suggestion(qtbot, window)
    controller = window.controller

    buttons(window)["Use high accuracy"].click()

    qtbot.waitUntil(lambda: controller.settings.identify.network == HIGH_ACCURACY_NETWORK, timeout=PATIENCE_MS)
    assert window.suggestion.text == ""
    window.settings_writer.close()
    assert load_settings(tmp_path / "facecam.toml", environment={}).identify.network == HIGH_ACCURACY_NETWORK


def test_not_now_is_remembered_until_more_people_are_enrolled(
    qtbot: QtBot, comparison: NetworkComparison, open_window: OpenWindow, tmp_path: Path, portraits: dict[str, Path]
) -> None:
    window = open_window()
    wait_for_suggestion(qtbot, window)
    buttons(window)["Not now"].click()
    window.close()
    window.controller.stop()

    again = open_window()
    qtbot.waitUntil(lambda: again.controller.gallery is not None, timeout=PATIENCE_MS)
    again.network_suggestion.compare()
    assert not again.network_suggestion._jobs.is_busy
    (tmp_path / "gallery" / EILEEN).mkdir()
    shutil.copy(portraits["eileen_collins"], tmp_path / "gallery" / EILEEN)

    assert "of your 12 photos" in wait_for_suggestion(qtbot, again)


def test_stored_figures_are_shown_without_another_process(
    qtbot: QtBot, comparison: NetworkComparison, open_window: OpenWindow
) -> None:
    window = open_window()

    text = wait_for_suggestion(qtbot, window)

    assert not children()
    assert text == (
        f"With high accuracy, {comparison.high_accuracy.named_right} of your 12 photos are named correctly when each is compared "
        f"with the others; with nn4.small2, {comparison.default.named_right}."
    )


def test_the_suggestion_is_translated(
    qtbot: QtBot, comparison: NetworkComparison, open_window: OpenWindow, request: pytest.FixtureRequest
) -> None:
    make_app("de")
    request.addfinalizer(lambda: make_app("en"))
    window = open_window()

    text = wait_for_suggestion(qtbot, window)

    assert "Ihrer 12 Fotos" in text
    assert list(buttons(window)) == ["Hohe Genauigkeit verwenden", "Nicht jetzt"]


def test_nothing_is_suggested_while_high_accuracy_is_in_use(
    qtbot: QtBot, comparison: NetworkComparison, open_window: OpenWindow
) -> None:
    window = open_window(Settings().replace({NETWORK: HIGH_ACCURACY_NETWORK}))
    qtbot.waitUntil(lambda: window.controller.gallery is not None, timeout=PATIENCE_MS)

    window.network_suggestion.compare()

    assert not window.network_suggestion._jobs.is_busy
    assert window.suggestion.text == ""


def test_a_small_gallery_is_not_compared(qtbot: QtBot, gallery: Path, open_window: OpenWindow) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: window.controller.gallery is not None, timeout=PATIENCE_MS)

    window.network_suggestion.compare()

    assert window.controller.settings.identify.network == DEFAULT_NETWORK
    assert not window.network_suggestion._jobs.is_busy


def test_a_change_of_the_gallery_hides_the_suggestion_and_compares_again(
    qtbot: QtBot, comparison: NetworkComparison, open_window: OpenWindow, tmp_path: Path
) -> None:
    window = open_window()
    wait_for_suggestion(qtbot, window)
    revision = window.network_suggestion._compared_revision

    next((tmp_path / "gallery").glob("*/*.jpg")).unlink()

    qtbot.waitUntil(lambda: not window.suggestion.text, timeout=PATIENCE_MS)
    assert "of your 10 photos" in wait_for_suggestion(qtbot, window)
    assert window.network_suggestion._compared_revision != revision


def test_closing_the_window_ends_a_comparison(qtbot: QtBot, new_gallery: Path, open_window: OpenWindow) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: bool(children()), timeout=PATIENCE_MS)

    window.close()

    assert not children()
