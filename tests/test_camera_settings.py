"""Rotation and flip of cameras in facecam.toml, in the environment and in Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from facecam.errors import SettingsError
from facecam.settings import Settings, load_settings, write_settings

TURNED = {"rotate": 180, "flip": False}


def loaded(path: Path, text: str) -> dict[str, dict[str, object]]:
    path.write_text(text, encoding="utf-8")
    return dict(load_settings(path, environment={}).capture.cameras)


@pytest.mark.parametrize(
    "text",
    [
        '[capture.cameras."HD Webcam"]\nrotate = 180\n',
        '[capture]\nfps = 15\n\n[capture.cameras."HD Webcam"]\nrotate = 180\nflip = false\n',
        '[capture]\ncameras = {"HD Webcam" = {rotate = 180}}\n',
    ],
)
def test_a_file_turns_a_camera(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path / "facecam.toml", text) == {"HD Webcam": TURNED}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('\n[capture.cameras."A"]\nrotate = 45\n', r'line 2: capture\.cameras\."A"\.rotate is 45, expected 0, 90, 180 or 270'),
        ('[capture.cameras."A"]\nrotat = 90\n', r"line 1: .*expected rotate = 180, flip = true, or both"),
        ('[capture.cameras."A"]\nflip = 1\n', r'capture\.cameras\."A"\.flip is 1, expected true or false'),
        ('[capture.cameras."A"]\nrotate = true\n', r"rotate is true, expected 0, 90, 180 or 270"),
        ("[capture]\ncameras = 5\n", r"line 2: capture\.cameras is 5, expected tables"),
        ('[capture]\ncameras = ["A"]\n', "expected tables"),
        ("[capture.cameras]\nA = 90\n", r'capture\.cameras\."A" is 90'),
    ],
)
def test_a_mistake_is_reported_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        loaded(tmp_path / "facecam.toml", text)


def test_the_environment_has_json() -> None:
    variables = {"FACECAM_CAPTURE_CAMERAS": '{"0": {"rotate": 180}}'}

    assert load_settings(environment=variables).capture.cameras == {"0": TURNED}
    with pytest.raises(SettingsError, match=r"FACECAM_CAPTURE_CAMERAS: .* or JSON in the environment"):
        load_settings(environment={"FACECAM_CAPTURE_CAMERAS": "0=180"})


def test_a_written_orientation_reads_back_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "facecam.toml"
    before = '# mine\n[detect]\nthreads = 1  # one\n\n[capture.cameras."old"]\nrotate = 90\n'
    path.write_text(before, encoding="utf-8")
    cameras = {'/dev/v4l/by-id/x "y"': TURNED, "rtsp://cam/1": {"rotate": 0, "flip": True}}
    write_settings(path, {"capture.cameras": cameras})
    write_settings(path, {"capture.fps": 15})

    assert loaded(path, path.read_text(encoding="utf-8")) == cameras
    assert path.read_text(encoding="utf-8").startswith("# mine\n[detect]\nthreads = 1  # one\n")
    write_settings(path, {"capture.cameras": None})
    assert load_settings(path, environment={}).capture.cameras == {}


def test_the_orientation_is_in_the_description_of_a_session() -> None:
    settings = Settings().replace({"capture.cameras": {"0": {"rotate": 180}}})

    assert json.loads(json.dumps(settings.to_dict()))["capture"]["cameras"] == {"0": TURNED}
    assert Settings().replace({}).capture == Settings().capture
