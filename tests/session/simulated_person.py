"""Simulated people in front of a camera: the bundled portraits, with the head turned as a test sets it."""

from __future__ import annotations

import time
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np

from facecam.capture.demo import demo_image
from facecam.capture.source import frames, open_source
from facecam.enrollment.poses import Pose
from facecam.imageio import read_image
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import Settings
from facecam.types import Face, Image
from tests.enrollment.turned_head import turned
from tests.session.conftest import ScriptedSource

EILEEN, GRACE = "eileen_collins", "grace_hopper"

TURNS_DEG = {Pose.CENTER: (0, 0), Pose.LEFT: (35, 0), Pose.RIGHT: (-40, 0), Pose.UP: (0, 20), Pose.DOWN: (0, -13)}
"""Yaw and pitch in the image, as far as a portrait can be warped."""


@cache
def posed_portrait(portrait: str, pose: Pose) -> Image:
    """Return the portrait in this pose, (512, 512, 3) BGR."""
    bgr, face = _portrait(portrait)
    return turned(bgr, face, *TURNS_DEG[pose])


@cache
def _portrait(portrait: str) -> tuple[Image, Face]:
    bgr = np.asarray(cv2.resize(read_image(demo_image(portrait)), (512, 512), interpolation=cv2.INTER_AREA), np.uint8)
    with open_face_analyzer(Settings()) as analyzer:
        return bgr, analyzer.analyze(bgr)[0].face


@cache
def video_images(path: Path) -> tuple[Image, ...]:
    """Return the images of a clip."""
    with open_source(str(path), Settings().capture, time.monotonic()) as source:
        return tuple(frame.bgr for frame in frames(source))


class SimulatedPerson:
    """Portrait and pose in front of the camera, set in the test's thread. The image moves by a pixel from frame to frame."""

    def __init__(self, portrait: str = GRACE) -> None:
        self.portrait: str | None = portrait
        self.pose = Pose.CENTER
        self.video: tuple[Image, ...] = ()
        """Images that the camera repeats instead of the portrait."""

    def image(self, index: int) -> Image:
        """Return the camera's next image; gray without a portrait."""
        if self.video:
            return self.video[index % len(self.video)]
        if self.portrait is None:
            return np.full((512, 512, 3), 120, np.uint8)
        return np.roll(posed_portrait(self.portrait, self.pose), index % 3, axis=1)

    def source(self, started_at_s: float, **options: object) -> ScriptedSource:
        """Open the camera."""
        for pose in Pose if self.portrait is not None and not self.video else ():
            posed_portrait(self.portrait, pose)  # warping takes time and happens before the camera starts
        return ScriptedSource(started_at_s, **({"fps": 15.0, "image": self.image} | options))  # type: ignore[arg-type]

    def session(self, folder: Path, settings: Settings | None = None, *, every_frame: bool = False, **options: object) -> Session:
        """Return a session on this camera, not started, with its gallery and logs in the folder."""
        source = SourceConfig("fake", partial(self.source, **options))
        logs = folder / "logs"
        config = SessionConfig(settings or Settings(), (source,), folder / "gallery", log_dir=logs, every_frame=every_frame)
        return Session(config)
