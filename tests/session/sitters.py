"""The bundled portraits as people who sit before a camera and turn their heads when they are told to."""

from __future__ import annotations

import time
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np

from facecam.capture.demo import demo_picture
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
"""Yaw and pitch in the picture, as far as a portrait can be bent."""


@cache
def posed(who: str, pose: Pose) -> Image:
    """The portrait in this pose, (512, 512, 3) BGR."""
    bgr, face = _portrait(who)
    return turned(bgr, face, *TURNS_DEG[pose])


@cache
def _portrait(who: str) -> tuple[Image, Face]:
    bgr = np.asarray(cv2.resize(read_image(demo_picture(who)), (512, 512), interpolation=cv2.INTER_AREA), np.uint8)
    with open_face_analyzer(Settings()) as reader:
        return bgr, reader.analyze(bgr)[0].face


@cache
def film(path: Path) -> tuple[Image, ...]:
    """Every frame of a clip."""
    with open_source(str(path), Settings().capture, time.monotonic()) as source:
        return tuple(frame.bgr for frame in frames(source))


class Sitter:
    """Who sits before the camera, and how. Set in the test's thread, seen in the camera's: never quite still."""

    def __init__(self, who: str = GRACE) -> None:
        self.who: str | None = who
        self.pose = Pose.CENTER
        self.film: tuple[Image, ...] = ()
        """What the camera sees instead, over and over."""

    def picture(self, index: int) -> Image:
        """The camera's next picture; gray without anybody."""
        if self.film:
            return self.film[index % len(self.film)]
        if self.who is None:
            return np.full((512, 512, 3), 120, np.uint8)
        return np.roll(posed(self.who, self.pose), index % 3, axis=1)

    def source(self, started_at_s: float, **options: object) -> ScriptedSource:
        """The camera."""
        for pose in Pose if self.who is not None and not self.film else ():
            posed(self.who, pose)  # what takes time is done before the camera counts it
        return ScriptedSource(started_at_s, **({"fps": 15.0, "picture": self.picture} | options))  # type: ignore[arg-type]

    def session(self, folder: Path, settings: Settings | None = None, **options: object) -> Session:
        """A session before this camera, not started, with its gallery and logs in the folder."""
        plan = SourceConfig("fake", partial(self.source, **options))
        return Session(SessionConfig(settings or Settings(), (plan,), folder / "gallery", log_dir=folder / "logs"))
