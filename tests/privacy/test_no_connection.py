"""No connection by facecam itself: commands in a network namespace without any network, and every socket that Python opens."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from facecam.diagnostics.connections import open_connections
from facecam.diagnostics.privacy import check_connections
from tests.privacy.private_files import Home

only_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="network namespaces are of Linux")

ADDRESS = "10.9.9.9"
"""Address of an interface in the namespace that is not the loopback's own one."""


@pytest.fixture(scope="session")
def _namespaces_are_possible() -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs user and network namespaces: `unshare -rn` does not work here")


@pytest.fixture
def offline(_namespaces_are_possible: None, tmp_path: Path) -> Iterator[Home]:
    """A home folder whose commands have no network at all. Python must not even have tried to use one."""
    home = Home(tmp_path, 0o022, network=False)
    yield home
    assert [line for line in home.audited() if "socket" in line] == []


@only_linux
@pytest.mark.usefixtures("_namespaces_are_possible")
def test_the_audit_of_sockets_sees_a_connection(tmp_path: Path) -> None:
    home = Home(tmp_path, 0o022, network=False)

    home.python("-c", "import socket; socket.create_connection(('192.0.2.1', 80), 1)", codes=(1,))

    assert any("socket.connect" in line and "192.0.2.1" in line for line in home.audited())


@only_linux
def test_people_are_enrolled_recognized_and_reported_without_a_network(offline: Home, portraits: dict[str, Path]) -> None:
    with offline.one_start():
        offline.facecam("enroll", "Ada", portraits["eileen_collins"], "--consent", "agreed")
        offline.facecam("run", "--no-window", "--source", portraits["eileen_collins"], "--log", "logs")
        log = next((offline.folder / "logs").rglob("*.csv"))
        offline.facecam("report", log, "-o", "report.html")
        offline.facecam("log", "export", log, "-o", "export.csv")
        offline.facecam("gallery", "doctor")
        offline.facecam("privacy", "--names")

    assert "Ada" in (offline.folder / "report.html").read_text(encoding="utf-8")


@only_linux
def test_the_demo_and_a_measurement_run_without_a_network(offline: Home) -> None:
    with offline.one_start():
        offline.facecam("demo", "--no-window")
        offline.facecam("bench", "--source", "demo", "--seconds", "0.5")
        offline.facecam("doctor", "--source", "demo")

    assert (offline.folder / "demo-output").is_dir()


@only_linux
def test_a_clip_is_recognized_without_a_network(offline: Home, test_data: Path) -> None:
    clip = next(path for path in sorted((test_data / "data" / "webcam").rglob("*")) if path.suffix == ".mkv")

    offline.facecam("run", "--no-window", "--source", clip, "--to", "1", "--log", "logs")

    assert any((offline.folder / "logs").rglob("*.csv"))


@only_linux
def test_names_are_trained_without_a_network(offline: Home, test_data: Path) -> None:
    people = [folder for folder in sorted((test_data / "data" / "lfw-view1").rglob("*")) if len(list(folder.glob("*.jpg"))) >= 4]
    for folder in people[:2]:
        shutil.copytree(folder, offline.folder / "gallery" / folder.name)

    offline.facecam("train", "--recipe", "names", "--gallery", "gallery")

    assert (offline.folder / "data" / "facecam" / "networks" / "names").is_dir()


@only_linux
def test_a_window_shows_a_session_without_a_network(offline: Home, display: str) -> None:
    done = offline.facecam(
        "run", "--source", "demo", "--to", "1.5", "--quit-at-end", "--log", "logs", DISPLAY=display, QT_QPA_PLATFORM="xcb"
    )

    assert done.returncode == 0
    assert any((offline.folder / "logs").rglob("*.csv"))


@only_linux
def test_a_connection_to_another_computer_is_listed_and_one_within_this_computer_is_not(tmp_path: Path, offline: Home) -> None:
    code = f"""
import socket, subprocess
subprocess.run("ip link set lo up && ip addr add {ADDRESS}/32 dev lo", shell=True, check=True)
from facecam.diagnostics.connections import open_connections
print(open_connections())
for address in ("127.0.0.1", "{ADDRESS}"):
    server = socket.create_server((address, 0))
    client = socket.create_connection(server.getsockname())
    accepted = server.accept()[0]
    server.close()
    print(sorted(set(map(str, open_connections()))))
    client.close(), accepted.close()
server = socket.create_server(("", 0))
print([str(each) for each in open_connections()])
"""
    if shutil.which("ip") is None:
        pytest.skip("needs the command ip of iproute2")
    done = offline.python("-c", code)
    offline.audit.unlink()  # The connections are the test's.

    assert done.stdout.splitlines() == ["()", "[]", f"['{ADDRESS}']", "['waiting on 0.0.0.0']"]


@only_linux
def test_a_program_without_a_connection_says_so() -> None:
    assert check_connections().found.startswith(("no connection open", "connected to"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM):
        found = open_connections()
    assert found == ()
