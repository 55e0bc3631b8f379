"""Recordings play in a real browser up to their last frame: after a clean end, kill -9 and a full disk."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from facecam.errors import LogError
from facecam.session.recording import VideoRecorder
from tests.servers.browser import PROGRAM, Browser
from tests.session.video_files import frame_times_ms, images_in, small_disk

pytestmark = pytest.mark.skipif(PROGRAM is None or os.name == "nt", reason="needs Chromium")

SIZE_WH = (320, 240)
PAGE = """<!DOCTYPE html>
<video id="v" src="data:video/mp4;base64,{data}" preload="auto" muted></video>
<canvas id="c" width="320" height="240"></canvas>
<script>
function show(seconds) {{
  return new Promise((done, failed) => {{
    v.onerror = () => failed(v.error.message);
    const green = () => {{
      const pen = c.getContext("2d", {{willReadFrequently: true}});
      pen.drawImage(v, 0, 0);
      return pen.getImageData(160, 120, 1, 1).data[1];
    }};
    // On a busy machine the event comes before the frame: until then the frame before, or none, is drawn.
    const wait = (before, until) => {{
      const level = green();
      const ended = level !== before || performance.now() > until;
      ended ? done([v.duration, v.videoWidth, level]) : setTimeout(wait, 20, before, until);
    }};
    v.onseeked = () => wait(v.before, performance.now() + 10000);
    const seek = () => {{ v.before = green(); v.currentTime = seconds; }};
    v.readyState >= 2 ? seek() : v.oncanplay = () => {{ v.oncanplay = null; seek(); }};
  }});
}}
</script>"""

SCRIPT = """
import sys, pathlib
from facecam.session.recording import VideoRecorder
from tests.session.test_recording_in_browser import SIZE_WH, image
recorder = VideoRecorder(pathlib.Path(sys.argv[1]), SIZE_WH, min_free_bytes=0)
for number in range(90):
    recorder.write(number * 40.0, image(number))
print("ready", flush=True)
sys.stdin.read()
"""


def image(number: int) -> np.ndarray:
    """Return an image whose middle tells its number, and whose border is noise."""
    drawn = np.random.default_rng(number).integers(0, 255, (240, 320, 3), np.uint8)
    drawn[40:200, 40:280] = 2 * number
    return drawn


def finish(path: Path) -> None:
    with VideoRecorder(path, SIZE_WH, min_free_bytes=0) as recorder:
        for number in range(90):
            recorder.write(number * 40.0, image(number))


def kill(path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)


def fill_disk(path: Path) -> None:
    recorder = VideoRecorder(path, SIZE_WH, min_free_bytes=0)
    with contextlib.suppress(LogError):
        for number in range(1000):
            recorder.write(number * 40.0, image(number % 100))
    recorder.abort()
    assert path.stat().st_size < 5_000_000


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Iterator[Path]:
    yield from small_disk(tmp_path / "disk", "5m")


@pytest.mark.parametrize("end", [finish, kill, fill_disk])
def test_a_recording_plays_in_a_browser_up_to_its_last_frame(disk: Path, tmp_path: Path, end: Callable[[Path], None]) -> None:
    end(disk / "out.mp4")
    times_ms = frame_times_ms(disk / "out.mp4")
    assert len(times_ms) >= 25
    expected = int(images_in(disk / "out.mp4")[-1][120, 160, 1])
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(data=base64.b64encode((disk / "out.mp4").read_bytes()).decode()), encoding="utf-8")
    with Browser() as browser:
        browser.open(page)
        duration_s, width_px, level = browser.evaluate(f"show({times_ms[-1] / 1e3 + 0.01})")

    assert duration_s == pytest.approx(times_ms[-1] / 1e3, abs=0.1)
    assert width_px == SIZE_WH[0]
    assert level == pytest.approx(expected, abs=8)
