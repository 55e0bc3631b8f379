"""Real commands that make facecam store something of every kind, with a chosen umask."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.conftest import environment_in
from tests.privacy.kill_processes import CommandProcesses, command_processes

SITECUSTOMIZE = """
import os, sys

_log, _tmp = os.environ["FACECAM_TEST_AUDIT"], os.environ["TMPDIR"]

def _audit(event, arguments):
    text = None
    if event in ("socket.connect", "socket.bind", "socket.sendto"):
        if arguments[0].family.name != "AF_UNIX":
            text = f"{event} {arguments[1]}"
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        text = f"{event} {arguments[0]}"
    elif event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(_tmp):
        text = f"{event} {arguments[0]}"
    elif event in ("tempfile.mkstemp", "tempfile.mkdtemp", "os.mkdir") and str(arguments[0]).startswith(_tmp):
        text = f"{event} {arguments[0]}"
    if text is not None:
        descriptor = os.open(_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, (text + "\\n").encode())
        os.close(descriptor)

sys.addaudithook(_audit)
"""
"""Writes the network connections and the temporary files of a Python process to a file."""

WINDOW_FILES = """
from pathlib import Path
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
app = QApplication([])
import numpy as np
from facecam.privacy.places import PlaceKind
from facecam.session.recording import VideoRecorder
from facecam.ui.preferences import open_store
from facecam.ui.window.recording import new_output_path, write_snapshot
store = open_store()
store.setValue("recent/sources", ["/films/a.mp4"])
store.sync()
del store
image = QImage(64, 48, QImage.Format.Format_RGB32)
image.fill(0)
print(write_snapshot(image))
with VideoRecorder(new_output_path(PlaceKind.RECORDINGS, ".mp4"), (64, 48), private=True, min_free_bytes=0) as video:
    for number in range(40):
        video.write(number * 50.0, np.zeros((48, 64, 3), np.uint8))
from facecam.ui.window.session_end import _write_report
import sys
print(_write_report(Path(sys.argv[1]), with_expressions=True))
from facecam.settings import user_config, write_settings
write_settings(user_config(), {"log.keep_days": 7})
"""
"""What the window writes: its state, a snapshot, a recording, the report of Open report, and settings."""

REJECTION = """
import sys
from pathlib import Path
from facecam.gallery.service import GalleryService
GalleryService(Path(sys.argv[1])).reject_face("Ada", [Path(sys.argv[2]).read_bytes()])
"""


class Home:
    """A home folder in which commands run, each in its own process."""

    def __init__(self, folder: Path, umask: int, *, network: bool = True) -> None:
        self.folder = folder
        self.umask = umask
        self._starter = () if network else ("unshare", "-rn")
        self._processes: CommandProcesses | None = None
        self.audit = folder / "audit.txt"
        self.tmp = folder / "tmp"
        hook = folder / "hook"
        for path in (self.tmp, hook):
            path.mkdir()
        (hook / "sitecustomize.py").write_text(SITECUSTOMIZE, encoding="utf-8")
        own = {
            "PYTHONPATH": os.pathsep.join([str(hook), str(Path(__file__).parents[2])]),
            "TMPDIR": str(self.tmp),
            "FACECAM_TEST_AUDIT": str(self.audit),
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        self.environment = environment_in(folder) | own

    def python(self, *args: str | Path, codes: tuple[int, ...] = (0, 3), **variables: str) -> subprocess.CompletedProcess[str]:
        """Run Python with these arguments."""
        command = [sys.executable, *map(str, args)]
        done = subprocess.run(
            [*self._starter, *command],
            cwd=self.folder,
            env=self.environment | variables,
            umask=self.umask,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode in codes, f"{args}: {done.stderr}"
        return done

    def facecam(self, *args: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command of facecam."""
        if self._processes is None:
            return self.python("-m", "facecam", *args, **variables)
        result = self._processes.run(self.folder, *map(str, args), environment=self.environment | variables)
        assert result["code"] in (0, 3), f"{args}: {result['errors']}"
        return subprocess.CompletedProcess(args, result["code"], result["stdout"], result["errors"])

    @contextmanager
    def one_start(self) -> Iterator[None]:
        """Fork the commands in the block from one process, which takes less time than a start of Python for each."""
        with command_processes(self._starter, self.environment, self.umask) as self._processes:
            yield
        self._processes = None

    def audited(self) -> list[str]:
        """Return what the hook has seen."""
        return self.audit.read_text(encoding="utf-8").splitlines() if self.audit.exists() else []


def store_everything(home: Home, portraits: dict[str, Path]) -> None:
    """Store something in every place: people, negatives, quarantined photos, logs, caches, networks, objects, window files."""
    gallery, logs = home.folder / "data" / "facecam" / "gallery", home.folder / "data" / "facecam" / "logs"
    ada, grace = portraits["eileen_collins"], portraits["grace_hopper"]
    with home.one_start():
        home.facecam("enroll", "Ada", ada, "--consent", "agreed on paper")
        home.facecam("enroll", "Grace", grace, "--consent", "agreed on paper")
        home.facecam("people", "rename", "Grace", "Grace Hopper")
        home.facecam("run", "--no-window", "--source", ada)
        home.python("-c", REJECTION, gallery, grace)
        (gallery / "Ada" / "empty.jpg").touch(0o600)
        home.facecam("gallery", "doctor", "--fix")
        home.facecam("teach", "mug", portraits["coffee"], portraits["cat"])
        home.facecam("bench", "--source", "demo", "--seconds", "0.5")
        log = next(logs.rglob("*.csv"))
        home.python("-c", WINDOW_FILES, log)
        home.facecam("log", "export", log, "-o", "export.csv")
        home.facecam("gallery", "export", "gallery.zip")
        home.facecam("privacy", "--json", "privacy.json")
