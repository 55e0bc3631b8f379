"""Still image detection: share of photos and of live people in front of the camera that are called still images.

    python -m benchmarks.still_images DATA [--network NAME] [--json FILE]

DATA holds webcam/*.mkv and presence/*.mov. A photo is a single frame's face with its surroundings, moved in front of a video of
an empty room as a hand would move it, with a camera's noise and compression. Constants were chosen on persons A and B; C, D and
presence/ are only reported on.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from facecam.capture.source import frames, open_source
from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network
from facecam.recognition.face_analyzer import FaceAnalyzer, open_face_analyzer
from facecam.recognition.liveness import EMBED_EVERY_MS, MAX_OFF_PLANE, StillImageDetector, off_plane, spread_l2
from facecam.settings import Settings
from facecam.types import Box, Floats, Frame, Image

CLIPS = {
    "A": ("webcam/again.mkv", "webcam/help.mkv"),
    "B": ("webcam/milk.mkv", "webcam/please.mkv"),
    "C": ("webcam/book.mkv", "webcam/learn.mkv"),
    "D": ("webcam/eat.mkv", "webcam/night.mkv"),
    "presence": ("presence/face_noface.mov", "presence/noface_face.mov"),
}
CHOSEN_PERSONS = ("A", "B")
KINDS = ("fixed", "shake", "pan", "zoom", "roll", "tilt", "all")
EMPTY_ROOM = "presence/no_face.mp4"

_FPS = 30
_PHOTO_FRAMES = 72
_SIZE_WH = (640, 480)
_FOCAL_PX = 900
_PAPER = 2.6
_PHOTO_FACES_PX = (75, 110)
"""Size of the face of a person's first and second photo in the frame."""


@dataclass(frozen=True, slots=True)
class TrackedFace:
    """One frame of a track as the liveness check sees it."""

    t_ms: float
    landmarks_xy: Floats
    embedding: Floats | None
    box: Box


def corners_xy(size_wh: tuple[float, float], t_s: float, kind: str, hand: np.ndarray) -> Floats:
    """Return the corners of a photo (w, h) px at a time, (4, 2); `hand` is its tremor: x, y in px and degrees."""
    every = kind == "all"

    def wave(*kinds: str, size: float, period_s: float) -> float:
        return size * float(np.sin(2 * np.pi * t_s / period_s)) if every or kind in kinds else 0.0

    tremor = hand if every or kind == "shake" else np.zeros(3)
    yaw, pitch = np.radians([wave("tilt", size=25, period_s=2.5), wave("tilt", size=15, period_s=1.9)])
    roll = np.radians(wave("roll", size=12, period_s=2.2) + tremor[2])
    turn = cv2.Rodrigues(np.array([0, 0, roll]))[0] @ cv2.Rodrigues(np.array([pitch, 0, 0]))[0]
    turn = turn @ cv2.Rodrigues(np.array([0, yaw, 0]))[0]
    w, h = np.array(size_wh) / 2 * (1 + wave("zoom", size=0.25, period_s=2.7))
    paper = np.array([[-w, -h, 0], [w, -h, 0], [w, h, 0], [-w, h, 0]]) @ turn.T
    place = np.array(_SIZE_WH) / 2 + tremor[:2]
    place += wave("pan", size=90, period_s=3.0), wave("pan", size=30, period_s=2.3)
    return (place + _FOCAL_PX * paper[:, :2] / (_FOCAL_PX + paper[:, 2:])).astype(np.float32)


def show_photo(photo: Image, kind: str, scale: float, background: list[Image], seed: int) -> Iterator[Frame]:
    """Yield a video of a photo held in front of the camera."""
    random, hand = np.random.default_rng(seed), np.zeros(3)
    height, width = photo.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    for index in range(_PHOTO_FRAMES):
        hand = 0.9 * hand + random.normal(0, 1, 3) * (1, 1, 0.25)
        warp = cv2.getPerspectiveTransform(source, corners_xy((width * scale, height * scale), index / _FPS, kind, hand))
        paper = cv2.warpPerspective(photo, warp, _SIZE_WH)
        covers = cv2.warpPerspective(np.full((height, width), 255, np.uint8), warp, _SIZE_WH)[..., np.newaxis] > 127
        bgr = np.where(covers, paper, background[index % len(background)]) * np.float32(1 + 0.01 * np.sin(index / 5))
        noisy = np.clip(bgr + 2 * random.standard_normal(bgr.shape, np.float32), 0, 255).astype(np.uint8)
        packed = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
        yield Frame(np.asarray(cv2.imdecode(packed, 1), np.uint8), index, index * 1000 / _FPS, index / _FPS, "photo")


def track_face(pipeline: FaceAnalyzer, video: Iterable[Frame]) -> list[TrackedFace]:
    """Return the largest face of each frame that passes the gates, followed and embedded as in recognition."""
    following, found, last_ms = pipeline.new_follower(), [], -np.inf
    for frame in video:
        due = frame.t_ms - last_ms >= EMBED_EVERY_MS
        detected = pipeline.detect_next(frame, following)
        faces = [face for face in pipeline.observe(frame.bgr, detected, [due] * len(detected)) if face.gate is None]
        if faces:
            face = faces[0]
            found.append(TrackedFace(frame.t_ms, face.face.landmarks_xy, face.embedding, face.face.box))
            last_ms = frame.t_ms if face.embedding is not None else last_ms
    return found


def photo_around(frame: Frame, box: Box) -> Image:
    """Return the square around a face that a photo would show."""
    half = _PAPER * box.longer_side_px / 2
    x, y = box.x + box.w / 2, box.y + box.h / 2
    return frame.bgr[max(0, int(y - half)) : int(y + half), max(0, int(x - half)) : int(x + half)]


def still_flags(faces: list[TrackedFace], max_spread_l2: float, window_ms: float) -> list[bool]:
    """Return for each frame from `window_ms` of a track on whether the last `window_ms` are called a still image."""
    detector, flags = StillImageDetector(max_spread_l2, window_ms), []
    for face in faces:
        detector.add(face.t_ms, face.landmarks_xy, face.embedding)
        if detector.is_ready:
            flags.append(detector.is_still)
    return flags


def track_figures(faces: list[TrackedFace]) -> tuple[float, float]:
    """Return off_plane and spread_l2 of a whole track."""
    embeddings = [face.embedding for face in faces if face.embedding is not None]
    return off_plane(np.array([face.landmarks_xy for face in faces])), spread_l2(np.array(embeddings))


def measure(data: Path, network: str) -> Iterator[tuple[str, str, str, list[TrackedFace]]]:
    """Yield person, clip, kind ("alive" or the photo's motion) and the track."""
    settings = Settings().replace({"identify.network": network, "detect.threads": 1, "identify.threads": 1})
    video = {clip: list(_read_frames(data / clip)) for clips in CLIPS.values() for clip in clips}
    background = [np.asarray(cv2.resize(frame.bgr, _SIZE_WH), np.uint8) for frame in _read_frames(data / EMPTY_ROOM)]
    with open_face_analyzer(settings) as pipeline:
        alive = {clip: track_face(pipeline, video[clip]) for clips in CLIPS.values() for clip in clips}
        for person, clips in CLIPS.items():
            for clip, face_px in zip(clips, _PHOTO_FACES_PX, strict=True):
                yield person, clip, "alive", alive[clip]
                face = alive[clip][len(alive[clip]) // 2]
                frame = next(frame for frame in video[clip] if frame.t_ms == face.t_ms)
                scale = face_px / face.box.longer_side_px
                for kind in KINDS:
                    seed = zlib.crc32(f"{clip} {kind}".encode())
                    yield (
                        person,
                        clip,
                        kind,
                        track_face(pipeline, show_photo(photo_around(frame, face.box), kind, scale, background, seed)),
                    )


def _read_frames(path: Path) -> Iterator[Frame]:
    with open_source(str(path), Settings().capture, 0.0) as source:
        yield from frames(source)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--network", default=DEFAULT_NETWORK)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows, max_spread_l2 = [], embedding_network(arguments.network).still_spread_l2
    for person, clip, kind, faces in measure(arguments.data, arguments.network):
        shares = {f"{ms / 1000:g} s": still_flags(faces, max_spread_l2, ms) for ms in (1500, 2000)}
        off, spread = track_figures(faces)
        rows.append({"person": person, "clip": clip, "kind": kind, "faces": len(faces), "off_plane": off, "spread_l2": spread,
                     "windows": {name: [sum(called), len(called)] for name, called in shares.items()}})  # fmt: skip
        print(json.dumps(rows[-1]), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    _print(rows, max_spread_l2)


def _print(rows: list[dict[str, object]], max_spread_l2: float) -> None:
    """Print for each group, kind and window the share of moments that were called a still image."""
    print(f"\noff the plane at most {MAX_OFF_PLANE} eye distances, embeddings at most {max_spread_l2} apart")
    table: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        group = "chosen on" if row["person"] in CHOSEN_PERSONS else "reported"
        for window, (called, count) in row["windows"].items():  # type: ignore[attr-defined]
            entry = table[group, str(row["kind"]), window]
            entry[0] += called
            entry[1] += count
    for (group, kind, window), (called, count) in sorted(table.items()):
        share = f"{called / count:.1%}" if count else "-"
        print(f"{group:10} {kind:6} {window:6} {called:5} of {count:5} moments called still: {share}")


if __name__ == "__main__":
    _main()
