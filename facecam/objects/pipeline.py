"""A camera's frames -> the object held up: find it, name its square, average over time, or say nothing.

A still picture is named as a whole; so is a frame that follows no other closely.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Self

from facecam.detect.follow import Follower
from facecam.detect.mtcnn import Mtcnn
from facecam.mode import Mode
from facecam.objects import network
from facecam.objects.before import Before
from facecam.objects.classifier import centre
from facecam.objects.evidence import Evidence
from facecam.objects.locate import LOOKS, Locator, between, guide_box, heart, overlap
from facecam.settings import DetectSettings, FollowSettings, Settings
from facecam.types import Box, Frame, Label, Picture, Result

# A face that matters here fills a good part of the picture; looking for large ones alone takes a third of the time.
_MIN_FACE_PX = 60
_FACES = FollowSettings(detect_every_frames=15, detect_moving_every_frames=10)
# Frames farther apart are pictures of their own: a folder's, or those of a camera that was lost.
_CONSECUTIVE_MS = 900.0
# Less overlap with the last place, and it is another thing.
_SAME = 0.2
# A thing that is missed for so long is looked at where it was: it kept still, or a hand passed.
_MISSED_MS = 400.0
# How much of the way to its new place the shown region goes in one frame.
_FOLLOWS = 0.5


@dataclass(frozen=True, slots=True)
class Seen:
    """The labels, best first, none when not sure; and where it was looked, None for the whole picture or for nothing new."""

    labels: tuple[Label, ...]
    region: Box | None = None

    def result(self, frame: Frame, gallery_revision: str, total_ms: float) -> Result:
        """This as the result of a frame that took `total_ms`."""
        seen = Result.of(frame, Mode.OBJECTS)
        return replace(seen, labels=self.labels, region=self.region, gallery_revision=gallery_revision, total_ms=total_ms)


@dataclass(slots=True, eq=False)
class Watching:
    """What is remembered of one source: its background and faces, and the evidence for what is new and for what is in the middle.

    `place` is where something new is, `named` the same while it has a label.
    """

    follower: Follower
    before: Before
    new: Evidence
    middle: Evidence
    locator: Locator = field(default_factory=Locator)
    looks: Iterator[float] = field(default_factory=lambda: itertools.cycle(LOOKS))
    place: Box | None = None
    named: Box | None = None
    found_ms: float = -math.inf
    last_ms: float = -math.inf
    size_wh: tuple[int, int] = (0, 0)

    def move(self, place: Box | None) -> None:
        """What is new is here in this frame, and for a moment where it was. Far from where it was, it is another thing."""
        if place is not None:
            self.found_ms = self.last_ms
        elif self.last_ms - self.found_ms <= _MISSED_MS:
            return
        if place is None or self.place is None or overlap(place, self.place) < _SAME:
            self.new.forget()
            self.place = place
        else:
            self.place = between(self.place, place, _FOLLOWS)

    def begin_anew(self) -> None:
        """What comes next has nothing to do with what was."""
        self.new.forget()
        self.middle.forget()
        self.follower.forget()
        self.place = self.named = None


class ObjectPipeline:
    """Face detector, locator and classifier in a row. Owned by the thread that looks first."""

    def __init__(self, settings: Settings) -> None:
        self._namer = network.open_namer(settings.objects, settings.identify.threads)
        self._detector = Mtcnn(DetectSettings(min_face_size_px=_MIN_FACE_PX, threads=settings.detect.threads))

    def watching(self) -> Watching:
        """What one more source needs."""
        rule = self._namer.rule
        return Watching(Follower(self._detector, _FACES), Before(self._namer), Evidence(rule), Evidence(rule))

    def still(self, bgr: Picture) -> Seen:
        """What a picture (height, width, 3) uint8 that stands alone shows, sure or not."""
        return Seen(self._namer.classify(bgr))

    def next(self, frame: Frame, watching: Watching) -> Seen:
        """What is held up in a source's next frame, given the ones before it."""
        bgr, since_ms = frame.bgr, frame.t_ms - watching.last_ms
        alone = not 0 <= since_ms <= _CONSECUTIVE_MS or frame.size_wh != watching.size_wh
        watching.last_ms, watching.size_wh = frame.t_ms, frame.size_wh
        if alone:
            watching.begin_anew()
        faces = [face.box for face in watching.follower.detect(bgr)]
        place = watching.locator.find(bgr, frame.t_ms, faces, watching.named)
        if watching.locator.began_anew:
            # Something that fills half of the picture may have come just now: nobody knows what was there before.
            watching.before.begin(bgr if alone else None)
        if alone:
            likely = self._namer.probabilities(bgr, centre(bgr))
            sure = not faces and self._namer.rule.enough(likely, stands=False)
            return Seen(self._namer.labels(likely) if sure else ())
        watching.move(place)
        if watching.place is None:
            watching.before.keep(bgr, frame.t_ms)
        else:
            self._look_at_new(bgr, heart(place or watching.place, frame.size_wh, next(watching.looks)), watching)
        if watching.new.stands and watching.place is not None:
            watching.named = watching.place
            watching.middle.forget()
            return Seen(self._namer.labels(watching.new.mean), watching.named)
        watching.named = None
        seen = Seen(()) if faces else self._middle(frame, watching)
        return seen if seen.labels else Seen((), watching.place if watching.new.lasts else None)

    def _look_at_new(self, bgr: Picture, square: Box, watching: Watching) -> None:
        """Take in what a square of this frame shows, where something is new."""
        news = watching.before.news(self._namer.probabilities(bgr, square), square)
        watching.new.add(news, watching.last_ms, watching.before.new_colours(bgr, square))

    def _middle(self, frame: Frame, watching: Watching) -> Seen:
        """The fallback: what is in the middle of the picture, new or not, where nobody sits."""
        guide = guide_box(frame.size_wh)
        watching.middle.add(self._namer.probabilities(frame.bgr, guide), frame.t_ms)
        return Seen(self._namer.labels(watching.middle.mean), guide) if watching.middle.stands else Seen(())

    def close(self) -> None:
        """Give the detector's networks back."""
        self._detector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def networks(settings: Settings) -> list[str]:
    """The compiled networks that seeing objects needs."""
    return [*network.networks(settings.objects), "pnet", "rnet", "onet"]
