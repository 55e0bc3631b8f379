"""A closed recognizer or session frees its networks and threads at once: no reference cycle waits for the garbage collector."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

MEASURE = """
import gc, json, os, sys, time
from pathlib import Path
from facecam.errors import FacecamError
from facecam.imageio import read_image
from facecam.recognizer import Recognizer
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import Mode, Settings
from facecam.types import Frame
from tests.session.conftest import ScriptedSource, still_view

gallery, portrait, case = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
bgr = read_image(portrait)

def recognizer():
    with Recognizer(Settings(), gallery) as recognizer:
        for mode in (Mode.FACES, Mode.OBJECTS):
            recognizer.set_mode(mode)
            for index in range(3):
                recognizer(Frame(bgr, index, index * 33.0, 0.0, "0"))
    return recognizer

def session(gallery=gallery):
    source = SourceConfig("fake", lambda started_at_s: ScriptedSource(started_at_s, fps=50.0, image=still_view(bgr)))
    with Session(SessionConfig(Settings(), (source,), gallery)) as session:
        while session.status().recognized < 3 and session.error is None:
            time.sleep(0.005)
    return session

def failed_session():
    gallery.with_name("file").write_bytes(b"")
    failed = session(gallery.with_name("file"))
    assert isinstance(failed.error, FacecamError), failed.error
    return failed

open_and_close = {"recognizer": recognizer, "session": session, "failed session": failed_session}[case]
open_and_close()
gc.collect()
gc.disable()
figures = []
for _ in range(10):
    closed = open_and_close()
    time.sleep(0.1)  # The system may count a thread a little longer than Python.
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    figures.append((pages * os.sysconf("SC_PAGE_SIZE"), len(os.listdir("/proc/self/task"))))
closed = None
gc.set_debug(gc.DEBUG_SAVEALL)
gc.collect()
print(json.dumps([figures, sorted({type(item).__name__ for item in gc.garbage if type(item).__module__.startswith("facecam")})]))
"""


@pytest.mark.parametrize("case", ["recognizer", "session", "failed session"])
def test_what_is_closed_ten_times_without_the_garbage_collector_leaves_nothing(
    gallery: Path, portraits: dict[str, Path], case: str
) -> None:
    child = subprocess.run(
        [sys.executable, "-c", MEASURE, str(gallery), str(portraits["eileen_collins"]), case],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert child.returncode == 0, child.stderr
    figures, left = json.loads(child.stdout)
    sizes_mb = [size_bytes / 1e6 for size_bytes, _ in figures]
    assert left == []
    assert figures[-1][1] == figures[0][1], "threads"
    # The allocator keeps some memory of the first threads; networks that are not freed add 300 MB in the last five rounds.
    assert sizes_mb[-1] - sizes_mb[4] < 150, sizes_mb
