"""Shared fixtures. A test fails if it leaves a running thread or logs at ERROR."""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import hypothesis
import pytest

from tests.servers.stream_server import StreamServer, missing_for_rtsp

# Threads of OpenBLAS spin while they wait, which takes more time than they save when tests run beside each other. It reads this
# when NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# On a busy machine an example can be slow for other reasons than the code.
hypothesis.settings.register_profile("facecam", deadline=None)
hypothesis.settings.load_profile("facecam")

# Under `nohup`, programs started by the tests would ignore a closed terminal.
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

DEMO = Path(__file__).parents[1] / "facecam" / "_demo"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --update-goldens."""
    parser.addoption("--update-goldens", action="store_true", help="store the current images of widgets as the expected ones")


SLOW_MODULES = (
    "session/test_network_change.py",
    "test_presentation_attacks.py",
    "test_clips.py",
    "test_people_in_turn.py",
    "cli/test_streams.py",
    "privacy/test_kill_trials.py",
    "privacy/test_private_files.py",
    "privacy/test_no_connection.py",
    "session/test_enrollment_service.py",
    "session/test_streams.py",
    "cli/test_live_run.py",
    "cli/test_run_window.py",
    "test_clip_analyses.py",
    "test_clip_matrix.py",
    "test_no_pickle.py",
    "ui/test_stranger_groups.py",
    "ui/test_taken_back_names.py",
)
"""Modules that take long and have few tests, so that no process has one left when the others are done."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the slow modules; `--no-loadscope-reorder` keeps this order when processes share the modules."""
    tests = Path(__file__).parent
    places = {tests / name: place for place, name in enumerate(SLOW_MODULES)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Return freed memory to the system after a module: after tests with sessions, glibc keeps more than is in use."""
    result = yield
    if sys.platform.startswith("linux") and (nextitem is None or nextitem.path != item.path):
        with suppress(AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
    return result


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Folder of images, clips and reference values that cannot be distributed with the project."""
    named = os.environ.get("FACECAM_TEST_DATA")
    if not named:
        pytest.skip("needs the test data: FACECAM_TEST_DATA is not set")
    folder = Path(named)
    if not folder.is_dir():
        pytest.skip(f"needs the test data: FACECAM_TEST_DATA is {named}, which is not a folder")
    return folder


@pytest.fixture(scope="session")
def portraits() -> dict[str, Path]:
    """Bundled images of the demo by file name without suffix."""
    return {path.stem: path for path in sorted(DEMO.glob("*.jpg"))}


@pytest.fixture
def gallery(tmp_path: Path, portraits: dict[str, Path]) -> Path:
    """A gallery made by hand: a folder of one person with one photo."""
    person = tmp_path / "gallery" / "Eileen Collins"
    person.mkdir(parents=True)
    shutil.copy(portraits["eileen_collins"], person)
    return tmp_path / "gallery"


@pytest.fixture
def display() -> Iterator[str]:
    """Name of a virtual display for this test, as in DISPLAY."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb, a virtual display")
    # Without -noreset the server resets when its last window closes, and loses a SIGTERM that arrives meanwhile.
    command = ["Xvfb", "-displayfd", "1", "-noreset", "-screen", "0", "1280x1024x24"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            yield f":{server.stdout.readline().strip()}"
        finally:
            server.terminate()
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()


@pytest.fixture
def mjpeg_server() -> Iterator[Callable[..., StreamServer]]:
    """Start an HTTP camera with the given options."""
    with ExitStack() as servers:
        yield lambda *options: servers.enter_context(StreamServer.mjpeg(*options))


@pytest.fixture(scope="session")
def _rtsp_is_possible() -> None:
    if missing := missing_for_rtsp():
        pytest.skip(missing)


@pytest.fixture
def rtsp_server(_rtsp_is_possible: None) -> Iterator[Callable[..., StreamServer]]:
    """Start an RTSP camera with the given options."""
    with ExitStack() as servers:
        yield lambda *options: servers.enter_context(StreamServer.rtsp(*options))


@pytest.fixture(autouse=True, scope="session")
def _empty_objects_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep objects that were taught on this machine out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACECAM_OBJECTS", str(tmp_path_factory.mktemp("objects") / "taught"))
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_old_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep sessions from deleting what an earlier version cached on this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACECAM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True, scope="session")
def _own_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests from using and writing this user's data folder, and the key and approvals in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(autouse=True)
def _no_thread_left(request: pytest.FixtureRequest) -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    if request.node.get_closest_marker("leaves_threads"):
        return
    deadline = time.monotonic() + 30
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(max(0, deadline - time.monotonic()))
    names = [thread.name for thread in left if thread.is_alive()]
    assert not names, f"threads still run after the test: {names}"


@pytest.fixture(autouse=True)
def _no_error_logged(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    if request.node.get_closest_marker("logs_errors"):
        return
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    errors = [record.getMessage() for record in records if record.levelno >= logging.ERROR]
    assert not errors, f"the test logged at ERROR: {errors}"
