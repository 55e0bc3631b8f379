"""Changes of the gallery's folder during a session: they apply soon and do not delay frames."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.gallery.gallery import folder_fingerprint
from facecam.imageio import read_image
from facecam.logbook.reader import read_log
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.gallery_monitor import GalleryMonitor, LoadedGallery
from facecam.session.session import Session
from facecam.settings import Settings
from facecam.types import Frame
from tests.session.conftest import ScriptedSource, wait_for

_log = logging.getLogger(__name__)


def portrait(path: Path) -> Callable[[int], np.ndarray]:
    """Return a camera's images of the portrait, moving by a pixel from frame to frame."""
    bgr = cv2.resize(read_image(path), (480, 480), interpolation=cv2.INTER_AREA)
    return lambda index: np.roll(bgr, index % 3, axis=1)


def names_now(session: Session) -> list[str | None]:
    """Return the names in the newest result, None for an unknown face."""
    taken = session.results.take(1)
    assert taken is not None
    return [sighting.decision.name for sighting in taken[1][1].sightings if sighting.embedded]


def until_named(session: Session, name: str | None) -> float:
    """Return the seconds until a compared face has this name."""
    begun_s = time.monotonic()
    while (now := names_now(session)) != [name]:
        assert time.monotonic() - begun_s < 20, f"{now} and not {name}"
    return time.monotonic() - begun_s


def test_an_added_or_removed_photo_applies_within_two_seconds(portraits: dict[str, Path], tmp_path: Path) -> None:
    gallery, picture = tmp_path / "gallery", portrait(portraits["grace_hopper"])
    (gallery / "Eileen Collins").mkdir(parents=True)
    shutil.copy(portraits["eileen_collins"], gallery / "Eileen Collins")
    # Every face is compared on every frame: how soon a settled one is compared again is another matter.
    settings = Settings().replace({"follow.enabled": False})

    def opens(started_at_s: float) -> ScriptedSource:
        return ScriptedSource(started_at_s, fps=20.0, image=picture)

    shown_ms: list[float] = []

    class Shown:
        def __call__(self, frame: Frame, *_: object) -> None:
            shown_ms.append(frame.t_ms)

        def close(self) -> None:
            """There is nothing to close."""

    config = SessionConfig(settings, (SourceConfig("fake", opens),), gallery, log_dir=tmp_path / "logs", sinks=(Shown(),))
    with Session(config) as session:
        until_named(session, None)
        shown_ms.clear()
        (gallery / "Grace Hopper").mkdir()
        shutil.copy(portraits["grace_hopper"], gallery / "Grace Hopper")
        added_s = until_named(session, "Grace Hopper")
        gaps_ms = [later - earlier for earlier, later in pairwise(shown_ms)]
        shutil.rmtree(gallery / "Grace Hopper")
        removed_s = until_named(session, None)

    _log.info("added: %.2f s, removed: %.2f s", added_s, removed_s)
    assert added_s < 3, "two seconds, and what a busy machine adds"
    assert removed_s < 3
    assert np.percentile(gaps_ms, 90) < 200, "recognition went on meanwhile"
    assert session.log is not None
    log = read_log(session.log.path)
    assert list(log[log.event_code == "gallery_changed"].message) == [
        "gallery: 2 people, 2 photos",
        "gallery: 1 people, 1 photos",
    ]


def test_a_session_can_stop_while_photos_are_being_read(portraits: dict[str, Path], tmp_path: Path) -> None:
    gallery = tmp_path / "gallery"
    gallery.mkdir()
    config = SessionConfig(Settings(), (SourceConfig("fake", lambda s: ScriptedSource(s, fps=20.0)),), gallery)
    with Session(config) as session:
        while not session.status().ready:
            time.sleep(0.01)
        (gallery / "Ada").mkdir()
        bgr = cv2.resize(read_image(portraits["eileen_collins"]), (320, 320), interpolation=cv2.INTER_AREA)
        for number in range(150):
            bgr[0, 0] = number
            cv2.imwrite(str(gallery / "Ada" / f"{number}.png"), bgr)
        time.sleep(1.2)
        begun_s = time.monotonic()
        assert session.stop()

    assert time.monotonic() - begun_s < 20, "it does not read the other photos first"


def test_an_internal_error_does_not_end_the_monitor(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    delivered: list[LoadedGallery] = []

    def deliver(loaded: LoadedGallery) -> None:
        delivered.append(loaded)
        if len(delivered) == 1:
            raise RuntimeError("first")

    (folder := tmp_path / "gallery").mkdir()
    monitor = GalleryMonitor(folder, Settings(), folder_fingerprint(folder), deliver)
    monitor.start()
    try:
        (folder / "Ada").mkdir()
        (folder / "Ada" / "a.jpg").write_bytes(b"")
        wait_for(lambda: len(delivered) == 1)
        (folder / "Ada" / "a.jpg").unlink()
        wait_for(lambda: len(delivered) == 2)
    finally:
        monitor.close()

    assert "the gallery was not reloaded: internal error (RuntimeError: first)" in caplog.text
