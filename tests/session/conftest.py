"""Fakes for sessions: scripted sources and a recognizer that only counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from facecam.errors import CameraError
from facecam.gallery.gallery import Gallery
from facecam.networks.litert import verify_networks
from facecam.recognizer import embedding_key, networks_for
from facecam.session.config import ResultSink, SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import Mode, Settings
from facecam.types import Event, Frame, Result, SourceTime


@dataclass
class ScriptedSource:
    """Source of generated images at `fps`; after `count` frames it is lost if `live`, and ended otherwise.

    With a `speed` of 10, what lasts a second in the session takes a tenth of it.
    """

    started_at_s: float
    source: str = "fake"
    camera_id: str = ""
    live: bool = True
    fps: float | None = 100.0
    size_wh: tuple[int, int] | None = (32, 24)
    frame_count: int | None = None
    count: int | None = None
    image: Callable[[int], np.ndarray] | None = None
    before_read: Callable[[int], None] = lambda _: None
    speed: float = 1.0
    closed: int = 0
    index: int = 0
    _next_s: float = field(default_factory=time.monotonic)
    time: SourceTime | None = None  # last, because the name hides the module in this class

    def read(self) -> Frame | None:
        self.before_read(self.index)
        if self.count is not None and self.index >= self.count:
            if self.live:
                raise CameraError(f"{self.source} has stopped")
            return None
        if self.live:
            self._next_s += 1 / (self.fps or 100)
            time.sleep(max(0.0, self._next_s - time.monotonic()))
        now_s, index = time.monotonic(), self.index
        self.index += 1
        bgr = self.image(index) if self.image else np.full((24, 32, 3), 40 + index % 200, np.uint8)
        t_ms = (now_s - self.started_at_s) * self.speed * 1e3 if self.live else index * 1e3 / (self.fps or 100)
        return Frame(bgr, index, t_ms, now_s, self.source, self.camera_id)

    def close(self) -> None:
        self.closed += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def still_view(bgr: np.ndarray) -> Callable[[int], np.ndarray]:
    """Return the images of a camera in front of a still scene. A pixel changes with each, or they would count as frozen."""

    def image(index: int) -> np.ndarray:
        changed = bgr.copy()
        changed[0, 0] = index % 256
        return changed

    return image


class CountingRecognizer:
    """Recognizer that finds nothing and records its calls; `work` can slow it down."""

    last_correction = last_undone_correction = group_matcher = None
    decision_revision = 0

    def __init__(self, config: SessionConfig, work: Callable[[Frame], None] = lambda frame: None) -> None:
        self.mode, self.settings = config.mode, config.settings
        self.gallery = Gallery(config.gallery_dir, "")
        self.work = work
        self.before_closing: Callable[[], object] = lambda: None
        self.recognized: list[tuple[int, int, float]] = []
        self.finished: list[tuple[int, float]] = []
        self.closed = False

    def __call__(self, frame: Frame, slot: int = 0, **_: object) -> Result:
        self.work(frame)
        self.recognized.append((slot, frame.index, frame.t_ms))
        return Result(frame.index, frame.t_ms, frame.source, frame.camera_id, frame.size_wh, self.mode)

    def finish(self, t_ms: float, slot: int = 0) -> list[Event]:
        self.finished.append((slot, t_ms))
        return [Event("exit", "gone", 1)]

    def apply_settings(self, settings: Settings, gallery: Gallery | None = None) -> dict[int, list[Event]]:
        self.settings, self.gallery = settings, gallery or self.gallery
        return {}

    @property
    def embedding_key(self) -> tuple[str, str]:
        return embedding_key(self.settings)

    def needs_other_embeddings(self, settings: Settings) -> bool:
        return embedding_key(settings) != self.embedding_key

    def set_mode(self, mode: Mode) -> dict[int, list[Event]]:
        verify_networks(networks_for(self.settings, mode))
        self.mode = mode
        return {slot: self.finish(0.0, slot) for slot in dict.fromkeys(slot for slot, _, _ in self.recognized)}

    def use_gallery(self, gallery: Gallery) -> None:
        self.gallery = gallery

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.before_closing()
        self.closed = True


@dataclass
class Rig:
    """Creates sessions with scripted sources and stops them when the test ends."""

    folder: Path
    sessions: list[Session] = field(default_factory=list)
    recognizers: list[CountingRecognizer] = field(default_factory=list)

    def session(
        self,
        *opens: Callable[[float], ScriptedSource],
        work: Callable[[Frame], None] = lambda frame: None,
        log: bool = True,
        every_frame: bool = False,
        sinks: tuple[ResultSink, ...] = (),
        settings: Settings | None = None,
    ) -> Session:
        """Return a session with sources opened by `opens`, not started."""
        config = SessionConfig(
            settings=settings or Settings(),
            sources=tuple(SourceConfig("fake", open_source) for open_source in opens),
            gallery_dir=self.folder / "gallery",
            mode=Mode.OBJECTS,
            log_dir=self.folder / "logs" if log else None,
            every_frame=every_frame,
            sinks=sinks,
        )
        self.sessions.append(Session(config, lambda config: self._recognizer(config, work)))  # type: ignore[arg-type, return-value]
        return self.sessions[-1]

    def _recognizer(self, config: SessionConfig, work: Callable[[Frame], None]) -> CountingRecognizer:
        self.recognizers.append(CountingRecognizer(config, work))
        return self.recognizers[-1]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    for session in rig.sessions:
        assert session.stop()


def wait_for(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Wait until the condition holds; fail after `timeout_s`."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "the condition did not hold in time"
        time.sleep(0.01)


@pytest.fixture(name="wait_for")
def _wait_for() -> Callable[..., None]:
    return wait_for
