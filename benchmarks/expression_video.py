"""Steadiness of expressions in video: `python -m benchmarks.expression_video [--sheet FILE]`. See docs/internals/expressions.md.

FACECAM_TEST_DATA holds data/webcam/ and data/presence/. The clips are played as `facecam run` does, and label changes per minute
are counted for single readings, smoothed ones, and smoothed ones corrected by the person's own neutral face, which was learned
from a minute of the same person's other clip. Nobody labeled these videos: the sheet of frames is for judging by eye.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.clip_matrix import CLIPS
from facecam.capture.files import VideoFile
from facecam.expression.reader import ExpressionReader
from facecam.expression.tracking import LEARNED_AFTER_MS, TrackExpressions, smoothed
from facecam.networks.litert import softmax
from facecam.recognizer import Recognizer
from facecam.settings import ExpressSettings, FollowSettings, Mode, Settings
from facecam.types import CLEAR_FROM, EXPRESSIONS, UNCLEAR, Expression, Face, Floats, Frame, Image, Result, TrackDecision

_PRESENCE_CLIPS = ("face_noface.mov", "noface_face.mov")
_WAYS = {
    "single": ExpressSettings(smooth_ms=0),
    "smoothed": ExpressSettings(),
    "smoothed, own neutral": ExpressSettings(own_neutral=True),
}
_RELEASE = 0.35
"""Hysteresis that is measured for comparison: a word stands until its probability is below this."""

_LEARNING_MS = LEARNED_AFTER_MS + 30_000
"""Gaps between clips do not count as time observed."""

_NOISE_SDS = (0.5, 1.0)
_NOISE_READINGS = 3000
_TILES, _TILE_COLUMNS, _TILE_PX = 80, 8, 240

Shown = tuple[Frame, Face, Expression, bool]
"""A frame, its largest face, the expression of that, and whether it was read on this frame."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Recognized frames of a clip of one person; `person` is "" for the videos of data/presence."""

    name: str
    person: str
    frames: Sequence[Frame]
    results: Sequence[Result]

    def faces(self) -> Iterator[tuple[Frame, Face, TrackDecision]]:
        """Yield the largest face that passes the quality gates, of each frame with one."""
        for frame, result in zip(self.frames, self.results, strict=True):
            passed = [sighting for sighting in result.sightings if sighting.gate is None]
            if passed:
                largest = max(passed, key=lambda sighting: sighting.face.box.longer_side_px)
                yield frame, largest.face, largest.track_decision


@dataclass(slots=True)
class Readings:
    """Readings of one way, clip by clip: (n, 7) probabilities as they are shown, and the time that they cover."""

    clips: list[Floats] = field(default_factory=list)
    seconds: float = 0.0

    def labels(self, release: float = CLEAR_FROM) -> list[list[str]]:
        """Return the label of each reading. A word stands until its probability is below `release` or another one's is larger."""
        return [_labels(clip, release) for clip in self.clips]

    def changes(self, release: float = CLEAR_FROM) -> list[tuple[str, str]]:
        """Return each change of the label within a clip."""
        return [pair for clip in self.labels(release) for pair in itertools.pairwise(clip) if pair[0] != pair[1]]


def _labels(rows: Floats, release: float) -> list[str]:
    labels = [UNCLEAR]
    for row in rows:
        best = EXPRESSIONS[int(row.argmax())]
        limit = release if best == labels[-1] else CLEAR_FROM
        labels.append(best if round(float(row.max()), 4) >= limit else UNCLEAR)
    return labels[1:]


def recognize(path: Path, person: str, recognizer: Recognizer, slot: int) -> Clip:
    """Recognize a clip as a video of its own."""
    frames, results = [], []
    with VideoFile(path) as video:
        while (frame := video.read()) is not None:
            frames.append(frame)
            results.append(recognizer(frame, slot))
    recognizer.finish(frames[-1].t_ms, slot)
    return Clip(path.stem, person, frames, results)


def replay(clip: Clip, tracks: TrackExpressions, reader: ExpressionReader, start_ms: float = 0.0) -> Iterator[Shown]:
    """Yield each frame with a face, and the expression that it shows.

    All faces are one track, so that an own neutral face is kept over several clips of a person.
    """
    for frame, face, decision in clip.faces():
        track = TrackDecision(0, 0.0, decision.decision)
        (shown,) = tracks.update([face], [track], start_ms + frame.t_ms, partial(reader.read, frame.bgr), [0])
        assert shown.expression is not None
        yield frame, face, shown.expression, shown.is_read


def learned(way: ExpressSettings, others: Sequence[Clip], reader: ExpressionReader) -> tuple[TrackExpressions, float]:
    """Return the expressions of a person who was visible for a minute in other clips, and the time of the next frame."""
    tracks, time_ms = TrackExpressions(way, FollowSettings().express_every_ms), 0.0
    while way.own_neutral and others and time_ms <= _LEARNING_MS:
        for clip in others:
            list(replay(clip, tracks, reader, time_ms))
            time_ms += clip.frames[-1].t_ms + 100
    # The next clip is not smoothed with the last one.
    return tracks, time_ms + 10_000


def measure(way: ExpressSettings, clips: Sequence[Clip], reader: ExpressionReader) -> tuple[Readings, list[Shown]]:
    """Read all clips in one way; also return all frames with their expressions."""
    found, everything = Readings(), []
    for clip in clips:
        others = [other for other in clips if clip.person and other.person == clip.person and other is not clip]
        tracks, start_ms = learned(way, others, reader)
        shown = list(replay(clip, tracks, reader, start_ms))
        found.clips.append(np.array([expression.probabilities for *_, expression, is_read in shown if is_read], np.float32))
        found.seconds += (shown[-1][0].t_ms - shown[0][0].t_ms) / 1e3
        everything += shown
    return found, everything


def hovering(sd: float, smooth_ms: float) -> Readings:
    """Return readings that hover at the limit of "unclear": noise of this deviation in log probability around CLEAR_FROM."""
    others = len(EXPRESSIONS) - 1
    mean = np.log([*[(1 - CLEAR_FROM) / others] * others, CLEAR_FROM])
    rows = softmax((mean + np.random.default_rng(0).normal(0, sd, (_NOISE_READINGS, len(EXPRESSIONS)))).astype(np.float32))
    every_ms, current, shown = FollowSettings().express_every_ms, None, []
    for row in rows:
        current = smoothed(current, row, every_ms, smooth_ms)
        shown.append(current)
    return Readings([np.stack(shown)], _NOISE_READINGS * every_ms / 1e3)


def _row(what: str, readings: Readings) -> list[str]:
    rows, labels = np.concatenate(readings.clips), list(itertools.chain(*readings.labels()))
    deviation = np.concatenate([clip - clip.mean(axis=0) for clip in readings.clips]).std(axis=0)
    per_minute = 60 / max(readings.seconds, 1e-9)
    figures = (len(readings.changes()), sum(UNCLEAR in pair for pair in readings.changes()), len(readings.changes(_RELEASE)))
    counts = ", ".join(f"{word} {labels.count(word)}" for word in (*EXPRESSIONS, UNCLEAR) if word in labels)
    return [
        *(what, str(len(rows)), f"{readings.seconds:.0f}"),
        *(f"{count} ({count * per_minute:.1f})" for count in figures),
        *(f"{rows.max(axis=1).mean():.2f}", f"{deviation.max():.3f}", counts),
    ]


def contact_sheet(ways: Mapping[str, Sequence[Shown]]) -> Image:
    """Draw the faces of evenly chosen frames with the label and the two most likely classes in each way, a line for each."""
    everything = list(zip(*ways.values(), strict=True))
    tiles = []
    for number in np.linspace(0, len(everything) - 1, min(_TILES, len(everything))).astype(int):
        frame, face, _, _ = everything[number][0]
        side, middle = 1.6 * face.box.longer_side_px, (face.box.x + face.box.w / 2, face.box.y + face.box.h / 2)
        square = cv2.getRectSubPix(frame.bgr, (round(side), round(side)), middle)
        bgr = cv2.resize(square, (_TILE_PX, _TILE_PX), interpolation=cv2.INTER_AREA)
        bgr = cv2.copyMakeBorder(bgr, 0, 18 * len(ways) + 6, 0, 4, cv2.BORDER_CONSTANT)
        for line, (*_, expression, _) in enumerate(everything[number], start=1):
            text = f"{expression.label}: " + ", ".join(f"{word} {p:.0%}" for word, p in expression.ranked[:2])
            at = 4, _TILE_PX + 18 * line
            cv2.putText(bgr, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
        tiles.append(bgr)
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % _TILE_COLUMNS)
    return np.vstack([np.hstack(tiles[row : row + _TILE_COLUMNS]) for row in range(0, len(tiles), _TILE_COLUMNS)])


def main(arguments: Sequence[str]) -> int:
    """Measure and print, and write the sheet."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.expression_video", description=__doc__)
    parser.add_argument("--sheet", type=Path, help="a contact sheet of frames with their expressions, as PNG")
    sheet = parser.parse_args(arguments).sheet
    data = Path(os.environ["FACECAM_TEST_DATA"]) / "data"
    paths = [(person, data / "webcam" / f"{clip}.mkv") for person, own in CLIPS.items() for clip in own]
    paths += [("", data / "presence" / name) for name in _PRESENCE_CLIPS]
    settings = Settings().replace({"track.presentation_check": False, "express.enabled": False})
    with tempfile.TemporaryDirectory() as empty, Recognizer(settings, Path(empty), Mode.FACES) as recognizer:
        clips = [recognize(path, person, recognizer, slot) for slot, (person, path) in enumerate(paths)]
    reader = ExpressionReader(threads=2)
    table = Table(title="Changes of the label, count (per minute)", title_justify="left")
    for heading in ("readings", "n", "s", "changes", "with unclear", f"released at {_RELEASE}", "largest p", "sd", "labels"):
        table.add_column(heading, justify="left" if heading in ("readings", "labels") else "right")
    shown: dict[str, list[Shown]] = {}
    for name, way in _WAYS.items():
        readings, shown[name] = measure(way, clips, reader)
        table.add_row(*_row(name, readings))
    table.add_section()
    for sd, (name, way) in itertools.product(_NOISE_SDS, list(_WAYS.items())[:2]):
        table.add_row(*_row(f"noise of {sd} at {CLEAR_FROM}, {name}", hovering(sd, way.smooth_ms)))
    Console(width=170).print(table)
    if sheet is not None:
        cv2.imwrite(str(sheet), contact_sheet(shown))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
