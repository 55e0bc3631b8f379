"""Covering of strangers: what is covered and for how long, and that no network finds or matches a covered face."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from facecam.capture.source import open_source
from facecam.detection.mtcnn import Detector, Mtcnn
from facecam.detection.mtcnn_package import PackageMtcnn
from facecam.embedding.embedder import align
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.recognizer import Recognizer
from facecam.rendering.privacy import COVER_BGR, HOLD_MS, FaceCover, cover, cover_area
from facecam.settings import Mode, Settings
from facecam.types import Box, DecisionStatus, Face, Frame, Image, Result
from tests.session.test_recording_controller import face_in_noise
from tests.ui.fakes import make_sighting

SIZE_WH = (640, 480)
NETWORKS = (DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK)
ENROLLED_FROM = {"A": "again", "B": "milk", "C": "book", "D": "eat"}
SEEN_IN = {"A": "help", "B": "please", "C": "learn", "D": "night"}
STRANGER, KNOWN = DecisionStatus.UNKNOWN, DecisionStatus.KNOWN
SURE_FACE = 0.95
"""Score from which a detection in the clips is a face to match; hands and the print of a shirt have lower ones."""


def result_at(t_ms: float, *faces: tuple[int, Box, DecisionStatus], source: str = "fake") -> Result:
    """Return a result with these faces: track, box and status."""
    sightings = tuple(make_sighting(box, status, track_id=track_id) for track_id, box, status in faces)
    return Result(round(t_ms), t_ms, source, "", SIZE_WH, Mode.FACES, sightings)


def contains(areas: tuple[Box, ...], box: Box) -> bool:
    return any(
        area.x <= box.x and area.y <= box.y and area.x + area.w >= box.x + box.w and area.y + area.h >= box.y + box.h
        for area in areas
    )


BOX = Box(200, 100, 80, 100)


@pytest.mark.parametrize(
    ("status", "count"),
    [(DecisionStatus.KNOWN, 0), (DecisionStatus.UNSURE, 1), (DecisionStatus.UNKNOWN, 1), (DecisionStatus.SKIPPED, 1)],
)
def test_everyone_who_is_not_known_is_a_stranger(status: DecisionStatus, count: int) -> None:
    assert len(FaceCover().update(result_at(0, (1, BOX, status)))) == count


def test_the_shape_covers_the_box_with_a_margin_and_leaves_the_rest() -> None:
    frame, result = face_in_noise(0)
    image = frame.bgr.copy()
    cover(image, FaceCover().update(result))

    assert (image[34:86, 52:108] == COVER_BGR).all(), "the box is at 40 to 80 and 60 to 100"
    is_covered = (image == COVER_BGR).all(axis=2)
    assert (image[~is_covered] == frame.bgr[~is_covered]).all()
    assert is_covered.mean() < 0.4


@pytest.mark.parametrize("box", [Box(-30, -30, 50, 50), Box(150, 110, 40, 40), Box(-500, 0, 10, 10), Box(-9e9, 0, 1e10, 1e10)])
def test_a_face_at_or_beyond_the_edge_is_covered(box: Box) -> None:
    image = face_in_noise(0)[0].bgr.copy()
    left, top = max(0, round(box.x)), max(0, round(box.y))
    right, bottom = max(0, min(160, round(box.x + box.w))), max(0, min(120, round(box.y + box.h)))

    cover(image, [cover_area(box)])

    assert (image[top:bottom, left:right] == COVER_BGR).all()


def test_a_stranger_who_is_not_found_for_some_frames_stays_covered() -> None:
    strangers = FaceCover()
    strangers.update(result_at(0, (1, BOX, STRANGER)))

    assert contains(strangers.update(result_at(100)), cover_area(BOX))
    assert contains(strangers.update(result_at(HOLD_MS)), cover_area(BOX))
    assert strangers.update(result_at(HOLD_MS + 1)) == ()


def test_the_area_of_a_face_that_is_not_found_follows_its_movement() -> None:
    strangers = FaceCover()
    for number in range(3):
        strangers.update(result_at(100 * number, (1, replace(BOX, x=200 + 40 * number), STRANGER)))

    assert contains(strangers.update(result_at(400)), replace(BOX, x=200 + 40 * 4))


def test_a_stranger_who_becomes_known_is_uncovered_at_once() -> None:
    strangers = FaceCover()
    strangers.update(result_at(0, (1, BOX, STRANGER)))

    assert strangers.update(result_at(100, (1, BOX, KNOWN))) == ()


def test_a_known_face_in_the_place_of_a_stranger_who_is_not_found_is_uncovered() -> None:
    strangers = FaceCover()
    strangers.update(result_at(0, (1, BOX, STRANGER)))

    assert strangers.update(result_at(100, (2, replace(BOX, x=BOX.x + 10), KNOWN))) == ()


def test_a_known_person_who_moves_in_front_of_a_stranger_does_not_uncover_them() -> None:
    strangers, beside = FaceCover(), replace(BOX, x=BOX.x + 120)
    strangers.update(result_at(0, (1, BOX, STRANGER), (2, beside, KNOWN)))

    assert contains(strangers.update(result_at(100, (2, replace(BOX, x=BOX.x + 10), KNOWN))), BOX)


def test_a_known_face_elsewhere_does_not_uncover_a_stranger() -> None:
    strangers = FaceCover()
    strangers.update(result_at(0, (1, BOX, STRANGER)))

    assert contains(strangers.update(result_at(100, (2, replace(BOX, x=BOX.x + 90), KNOWN))), BOX)


@pytest.mark.parametrize("after", [result_at(50), result_at(200, source="other")], ids=["earlier", "another source"])
def test_a_frame_that_does_not_follow_the_last_one_has_none_of_its_areas(after: Result) -> None:
    strangers = FaceCover()
    strangers.update(result_at(100, (1, BOX, STRANGER)))

    assert strangers.update(after) == ()


@dataclass(frozen=True)
class CoveredFrame:
    """Frame of a clip, and the areas that were covered when all of the clip was recognized."""

    bgr: Image
    areas: tuple[Box, ...]

    @property
    def covered_bgr(self) -> Image:
        image = self.bgr.copy()
        cover(image, self.areas)
        return image

    def hides(self, face: Face) -> bool:
        """Return whether the middle of a face is covered, or a third of it."""
        mask = np.zeros(self.bgr.shape, np.uint8)
        cover(mask, self.areas)
        box = face.box
        part = mask[max(0, round(box.y)) : round(box.y + box.h), max(0, round(box.x)) : round(box.x + box.w), 0] > 0
        return bool(part.size and (part[len(part) // 2, part.shape[1] // 2] or part.mean() > 1 / 3))


def frames_of(path: Path) -> Iterator[Frame]:
    with open_source(str(path), Settings().capture, 0.0) as source:
        while (frame := source.read()) is not None:
            yield frame


def clip_paths(test_data: Path) -> list[Path]:
    return [
        *sorted((test_data / "data" / "webcam").glob("*.mkv")),
        *sorted((test_data / "data" / "presence").glob("*face_*.mov")),
    ]


def covered_frames(path: Path, gallery: Path) -> Iterator[CoveredFrame]:
    """Yield the frames of a clip, recognized as while strangers are covered."""
    strangers = FaceCover()
    with Recognizer(Settings(), gallery) as recognizer:
        for frame in frames_of(path):
            yield CoveredFrame(frame.bgr, strangers.update(recognizer(frame, search_whole_frame=True)))


@dataclass
class CoveredClips:
    """Every eighth frame of the clips by name, and what a full search finds in every frame; nobody is enrolled."""

    frames: dict[str, list[CoveredFrame]] = field(default_factory=dict)
    faces: int = 0
    visible: list[tuple[str, int, float]] = field(default_factory=list)
    """Clip, number of the frame, and score of each face that is not covered."""


@pytest.fixture(scope="module")
def covered_clips(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> CoveredClips:
    clips, gallery = CoveredClips(), tmp_path_factory.mktemp("gallery")
    with open_face_analyzer(Settings()) as analyzer:
        for path in clip_paths(test_data):
            kept = clips.frames[path.stem] = []
            for number, frame in enumerate(covered_frames(path, gallery)):
                found = analyzer.detect(frame.bgr)
                clips.faces += len(found)
                clips.visible += [(path.stem, number, face.score) for face in found if not contains(frame.areas, face.box)]
                if number % 8 == 0:
                    kept.append(frame)
    return clips


@pytest.fixture
def clips(covered_clips: CoveredClips) -> dict[str, list[CoveredFrame]]:
    return covered_clips.frames


def test_every_face_in_every_frame_of_the_clips_is_covered(covered_clips: CoveredClips) -> None:
    """Also in the first frame of somebody who comes into view. A full search of each frame finds the faces."""
    assert covered_clips.faces > 600
    assert covered_clips.visible == []


@pytest.mark.parametrize(("detector", "every"), [(Mtcnn, 1), (PackageMtcnn, 6)], ids=["fast", "package"])
def test_no_detector_finds_a_covered_face(
    clips: dict[str, list[CoveredFrame]], detector: type[Mtcnn | PackageMtcnn], every: int
) -> None:
    opened: Detector = detector(Settings().detect)
    frames = [frame for clip in clips.values() for frame in clip[::every]]

    assert [face for frame in frames for face in opened.detect(frame.covered_bgr) if frame.hides(face)] == []
    assert sum(len(opened.detect(frame.bgr)) for frame in frames[::4]) > 3, "without the shapes it finds faces"


@pytest.mark.parametrize("network", NETWORKS)
def test_no_network_matches_a_covered_face_with_its_person(clips: dict[str, list[CoveredFrame]], network: str) -> None:
    """The input of the network is the same flat color for everyone, and everyone enrolled is farther than the threshold."""
    with open_face_analyzer(Settings().replace({"identify.network": network})) as opened:
        enrolled = {
            name: [face.embedding for frame in clips[clip] for face in opened.analyze(frame.bgr) if face.embedding is not None]
            for name, clip in ENROLLED_FROM.items()
        }
        crops, right = [], 0
        for name, clip in SEEN_IN.items():
            for frame in clips[clip]:
                faces = [
                    face for face in opened.analyze(frame.bgr) if face.face.score >= SURE_FACE and face.embedding is not None
                ]
                for face in faces:
                    crops.append(align(frame.covered_bgr, face.face.landmarks_xy, opened.network.alignment))
                    right += nearest(face.embedding, enrolled)[0] == name
        (embedding,) = opened.embedder.embed(crops[:1])

    assert right / len(crops) > 0.9, "without the shapes the network matches the faces"
    assert all((crop == COVER_BGR[::-1]).all() for crop in crops)
    assert nearest(embedding, enrolled)[1] > opened.network.threshold_l2 + opened.network.unsure_band_l2


def nearest(embedding: object, enrolled: dict[str, list[object]]) -> tuple[str, float]:
    """Return the nearest person and the distance."""
    distances = {name: min(float(np.linalg.norm(embedding - sample)) for sample in samples) for name, samples in enrolled.items()}  # type: ignore[operator]
    return min(distances.items(), key=lambda item: item[1])
