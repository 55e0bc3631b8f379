"""Rotating and flipping a camera in the camera menu."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from facecam.session.session import Session
from facecam.settings import Settings, load_settings
from facecam.ui.session_controller import AppPaths, SessionController, SessionRequest
from facecam.ui.window.window import Window
from tests.session.conftest import Rig, ScriptedSource

ID = "/dev/v4l/by-id/usb-cam"


@pytest.fixture
def make(tmp_path: Path, make_window: Callable[[SessionController], Window]):  # type: ignore[no-untyped-def]
    """Returns a window on a running source, and the requests of its sessions."""
    rig, running = Rig(tmp_path), list[SessionController]()
    (tmp_path / "facecam.toml").write_text("# mine\n[capture]\nfps = 15\n", encoding="utf-8")

    def window_on(text: str = "0", settings: Settings | None = None) -> tuple[Window, list[SessionRequest]]:
        requests: list[SessionRequest] = []

        def create_session(request: SessionRequest) -> Session:
            requests.append(request)
            return rig.session(lambda started_at_s: ScriptedSource(started_at_s, camera_id=ID))

        paths = AppPaths(config=tmp_path / "facecam.toml")
        controller = SessionController(create_session, SessionRequest((text,), settings or Settings()), paths=paths)
        window = make_window(controller)
        controller.start()
        running.append(controller)
        return window, requests

    yield window_on
    assert all(controller.stop() for controller in running)


def show_menu(qtbot: QtBot, window: Window) -> None:
    qtbot.waitUntil(lambda: bool(window.controller.frames) and bool(window.controller.status.sources[0].camera_id))
    window.orientation.menu.parent().aboutToShow.emit()  # type: ignore[union-attr]


def saved(path: Path) -> dict[str, dict[str, object]]:
    return dict(load_settings(path, environment={}).capture.cameras)


def test_a_rotation_reopens_the_camera_and_is_kept_for_it(
    qtbot: QtBot, tmp_path: Path, make: Callable[..., tuple[Window, list[SessionRequest]]]
) -> None:
    window, requests = make()
    show_menu(qtbot, window)
    assert window.orientation.rotations[0].isChecked()
    with qtbot.waitSignal(window.controller.started):
        window.orientation.rotations[180].trigger()

    assert requests[-1].settings.capture.cameras == {ID: {"rotate": 180, "flip": False}}
    qtbot.waitUntil(lambda: saved(tmp_path / "facecam.toml") == {ID: {"rotate": 180, "flip": False}})
    assert "# mine" in (tmp_path / "facecam.toml").read_text(encoding="utf-8")
    show_menu(qtbot, window)
    with qtbot.waitSignal(window.controller.started):
        window.orientation.flip.trigger()
    assert requests[-1].settings.capture.cameras == {ID: {"rotate": 180, "flip": True}}


def test_the_orientation_that_a_file_names_by_index_is_shown_and_removed(
    qtbot: QtBot, tmp_path: Path, make: Callable[..., tuple[Window, list[SessionRequest]]]
) -> None:
    other = {"1": {"rotate": 90, "flip": False}}
    window, requests = make("0", Settings().replace({"capture.cameras": other | {"0": {"rotate": 270}}}))
    show_menu(qtbot, window)
    assert window.orientation.rotations[270].isChecked()
    with qtbot.waitSignal(window.controller.started):
        window.orientation.rotations[0].trigger()

    assert requests[-1].settings.capture.cameras == other
    qtbot.waitUntil(lambda: saved(tmp_path / "facecam.toml") == other)


def test_only_a_camera_can_be_rotated(qtbot: QtBot, make: Callable[..., tuple[Window, list[SessionRequest]]]) -> None:
    window, requests = make("demo")
    show_menu(qtbot, window)

    assert not window.orientation.menu.isEnabled()
    window.orientation.rotations[180].trigger()
    assert len(requests) == 1
