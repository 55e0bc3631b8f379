"""Passwords of cameras, wherever they stand in an address, are shown nowhere."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest

from facecam.capture.addresses import redact_url
from facecam.capture.source import open_source, source_label
from facecam.errors import CameraError, FacecamError, SettingsError
from facecam.explain.process import ExplainerProcess
from facecam.session.comparison_process import compare_in_process
from facecam.session.config import describe_session, settings_changed_events
from facecam.settings import CameraOrientations, CaptureSettings, Mode, Settings, load_settings
from tests.cli.conftest import run_in

HOST = "127.0.0.1:9"
"""Nothing listens there."""

SECRETS = ("s3cret", "adm1n")

FORMS = [
    # User and password before the host
    f"rtsp://adm1n:s3cret@{HOST}/1",
    f"rtsp://s3cret@{HOST}/1",
    f"rtsp://:s3cret@{HOST}/1",
    f"rtsp://adm1n:@{HOST}/1",
    f"RTSP://adm1n:s3cret@{HOST}/1",
    f"  rtsp://adm1n:s3cret@{HOST}/1\n",
    f"rtsp://adm1n:s3cret%40x@{HOST}/1",
    f"rtsp://adm1n:x@s3cret@{HOST}/1",
    f"rtsp://adm1n:x:s3cret@{HOST}/1",
    f"rtsp://adm1n:x/s3cret@{HOST}/1",
    f"rtsp://adm1n:12/s3cret@{HOST}/1",
    f"rtsp://adm1n:x?s3cret@{HOST}/1",
    f"rtsp://adm1n:x#s3cret@{HOST}/1",
    f"rtsp://adm1n:x\\s3cret@{HOST}/1",
    f"rtsp://adm1n:x s3cret@{HOST}/1",
    f"rtsp://adm1n:s3cret\x1b[31m@{HOST}/1",
    "rtsp://adm1n:s3cret@[::1]:9/1",
    "rtsp://adm1n:s3cret@[::1/1",
    "rtsp://adm1n:s3cret@host:port/1",
    "rtsp://adm1n:s3cret@/1",
    "rtsp://adm1n:s3cret",
    "rtsp://adm1n:s3cret/1",
    f"http://adm1n:s3cret@{HOST}/video.mjpg?mail=adm1n@s3cret",
    # Mistyped addresses
    f"rtsp:/adm1n:s3cret@{HOST}/1",
    f"rtsp:adm1n:s3cret@{HOST}/1",
    f"rtsp:\\\\adm1n:s3cret@{HOST}\\1",
    f"adm1n:s3cret@{HOST}/1",
    f"rstp://adm1n:s3cret@{HOST}/1",
    f"vnc://{HOST}/?password=s3cret",
    "adm1n:s3cret://x",
    # Path
    f"rtsp://{HOST}/user=adm1n_password=s3cret_channel=1_stream=0.sdp",
    f"rtsp://{HOST}/user=adm1n&password=s3cret&channel=1",
    f"rtsp://{HOST}/live;user=adm1n;password=s3cret",
    f"rtsp://{HOST}/user/adm1n/password/s3cret/1",
    f"rtsp://{HOST}/password%3Ds3cret",
    f"rtsp://{HOST}/adm1n:s3cret/1",
    f"rtsp://{HOST}/adm1n:s3cret@cam/1",
    f"rtsp://{HOST}/adm1n%3As3cret%40cam/1",
    f"rtsp://{HOST}/{{'user':'adm1n','password':'s3cret'}}",
    f"rtsp://{HOST}/qbRs3cretAvU0eKl3xS",
    f"rtmp://{HOST}/live/adm1n,s3cret",
    # Query
    f"http://{HOST}/v?user=adm1n&password=s3cret",
    f"http://{HOST}/v?USER=adm1n&PASSWORD=s3cret",
    f"http://{HOST}/v?usr=adm1n&pwd=s3cret",
    f"http://{HOST}/v?u=adm1n&p=s3cret",
    f"http://{HOST}/v?loginuse=adm1n&loginpas=s3cret",
    f"http://{HOST}/v?account=adm1n&code=s3cret",
    f"http://{HOST}/v?x=s3cret;y=adm1n",
    f"http://{HOST}/v?s3cret",
    f"http://{HOST}/v?s3cret=",
    f"http://{HOST}/v?p%61ssword=s3cret",
    f"http://{HOST}/v?auth=YWRtMW46czNjcmV0&s=s3cret",
    f"http://{HOST}/v?channel=s3cret",
    f"http://{HOST}/v?size=1&size=s3cret",
    f'http://{HOST}/v?{{"user":"adm1n","password":"s3cret"}}',
    f"http://{HOST}/v?url=rtsp://adm1n:s3cret@cam/1",
    f"http://{HOST}/v?a=%26password%3Ds3cret",
    # Fragment
    f"http://{HOST}/v#s3cret",
    f"http://{HOST}/v#user=adm1n@s3cret",
    f"http://{HOST}/v?#password=s3cret",
    # Other protocols
    f"https://adm1n:s3cret@{HOST}/v",
    f"rtsps://adm1n:s3cret@{HOST}/v",
    f"rtmp://adm1n:s3cret@{HOST}/v",
    "udp://adm1n:s3cret@127.0.0.1:99999/v",
]


def shows_secret(text: str) -> bool:
    return any(secret in text for secret in (*SECRETS, "YWRtMW46czNjcmV0"))


@pytest.mark.parametrize("address", FORMS)
def test_a_redacted_address_has_no_credentials(address: str) -> None:
    shown = redact_url(address)

    assert not shows_secret(shown)
    assert shown.isprintable()
    assert redact_url(shown) == shown


@pytest.mark.parametrize("address", FORMS)
def test_no_error_message_or_log_record_has_credentials(
    address: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(CameraError) as failed:
        open_source(address, CaptureSettings(), time.monotonic())

    # A traceback shows the lines of the code and the messages of all errors, not the values of variables.
    printed = "".join(traceback.format_exception(failed.value))
    assert not shows_secret("".join([str(failed.value), printed, caplog.text, *capfd.readouterr()]))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://ada:s3cret@host/video.mjpg", "http://host/video.mjpg"),
        ("rtsp://ada:s3c@ret@host/1", "rtsp://host/1"),
        ("http://host/v?user=ada&password=s3cret&channel=2", "http://host/v?user=***&password=***&channel=2"),
        ("http://host/v?resolution=1280x720&fps=15", "http://host/v?resolution=1280x720&fps=15"),
        ("rtsp://cam/user=admin_password=x_channel=1_stream=0.sdp", "rtsp://cam/user=***"),
        ("rtsp://host:8554/Streaming/Channels/101", "rtsp://host:8554/Streaming/Channels/101"),
        ("rtsp://host/cam/realmonitor?channel=1&subtype=0", "rtsp://host/cam/realmonitor?channel=1&subtype=0"),
        ("rtsp://host/h264Preview_01_main", "rtsp://host/h264Preview_01_main"),
        ("http://host/axis-cgi/mjpg/video.cgi", "http://host/axis-cgi/mjpg/video.cgi"),
        ("http://[::1]:80/v", "http://[::1]:80/v"),
        ("http://[fe80::1%25eth0]/v", "http://[fe80::1%25eth0]/v"),
        ("udp://239.0.0.1:1234", "udp://239.0.0.1:1234"),
    ],
)
def test_what_tells_cameras_apart_is_shown(address: str, shown: str) -> None:
    assert redact_url(address) == shown


@pytest.mark.parametrize(
    "text", ["0", "webcam", "/dev/video0", "C:\\Users\\a@b\\film.mp4", "./a@b/film.mp4", "cam1:front.mp4", ""]
)
def test_what_is_no_address_is_shown_as_it_is(text: str) -> None:
    assert redact_url(text) == text


def test_an_address_may_contain_an_at_sign_in_a_value() -> None:
    with pytest.raises(CameraError, match="the connection is refused"):
        open_source(f"http://{HOST}/v?mail=ada@host", CaptureSettings(), time.monotonic())


@pytest.mark.parametrize("password", ["12/34", "x/y", "1#2", "x?y"])
def test_a_password_that_must_be_encoded_is_explained(password: str) -> None:
    with pytest.raises(CameraError, match=r"%2F for /|cannot be resolved"):
        open_source(f"rtsp://adm1n.invalid:{password}@{HOST}/1", CaptureSettings(), time.monotonic())


def test_an_existing_file_is_shown_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = "front:door@night.mp4"
    Path(name).touch()

    assert source_label(name) == name


SECRET_ADDRESS = f"rtsp://adm1n:s3cret@{HOST}/1"


def test_a_camera_in_the_settings_has_no_credentials_in_the_log_of_a_session() -> None:
    cameras = CameraOrientations({SECRET_ADDRESS: {"rotate": 90}})
    settings = Settings().replace({"capture.cameras": cameras})

    described = describe_session(settings, Mode.FACES, [source_label(SECRET_ADDRESS)], "revision")
    events = settings_changed_events(Settings(), settings)

    assert not shows_secret(json.dumps(described.details, default=str))
    assert not shows_secret(repr(events))
    assert settings.capture.cameras == cameras


@pytest.mark.parametrize(
    "toml",
    [
        f'[capture.cameras."{SECRET_ADDRESS}"]\nrotate = 7\n',
        f'[capture.cameras."{SECRET_ADDRESS}"]\nturn = 90\n',
        f'[capture.cameras."{SECRET_ADDRESS}"]\nrotate = 90\nrotate = 90\n',
        f'[capture]\ncameras = "{SECRET_ADDRESS}"\n',
        f'[capture.camera."{SECRET_ADDRESS}"]\nrotate = 90\n',
        f'[capture]\nwidth_px = "{SECRET_ADDRESS}"\n',
        f'["{SECRET_ADDRESS}"]\nrotate = 90\n',
        f'"{SECRET_ADDRESS}" = 1\n',
        f'[capture.cameras]\n"adm1n:s3cret@{HOST}" = 1\n',
    ],
)
def test_no_error_about_the_settings_has_credentials(toml: str, tmp_path: Path) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text(toml)

    with pytest.raises(SettingsError) as failed:
        load_settings(path)

    assert not shows_secret(str(failed.value))


def test_no_child_process_gets_the_credentials_of_a_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings().replace({"capture.cameras": CameraOrientations({SECRET_ADDRESS: {"rotate": 90}})})
    arguments: list[object] = []
    start = subprocess.Popen

    def noted(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        arguments.extend(command)
        return start([sys.executable, "-c", "pass"], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", noted)
    with pytest.raises(FacecamError):
        compare_in_process(tmp_path, settings, lambda: None)
    ExplainerProcess(settings.identify).close()

    assert "facecam.session.comparison_process" in arguments
    assert not shows_secret(repr(arguments))


def test_a_run_and_a_check_of_a_camera_show_no_credentials(tmp_path: Path) -> None:
    for address in (SECRET_ADDRESS, f"http://{HOST}/v?user=adm1n&password=s3cret", f"rstp://adm1n:s3cret@{HOST}/1"):
        for command in (
            ["run", "--source", address, "--no-window", "--log", str(tmp_path / "logs"), "--verbose"],
            ["run", "--source", address, "--no-window", "--log", str(tmp_path / "logs"), "--json", str(tmp_path / "run.json")],
            ["doctor", "--source", address, "--json", str(tmp_path / "doctor.json")],
            ["privacy"],
        ):
            done = run_in(tmp_path, *command)
            assert not shows_secret(done.stdout + done.stderr), command
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in written if any(secret.encode() in path.read_bytes() for secret in SECRETS)]
