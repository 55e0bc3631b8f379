"""Check for presentation attacks by the recognizer: people, and photos and films of them. The benchmark has the whole table."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.presentation_attacks import EMPTY_ROOM, VARIANTS, first_face
from benchmarks.recapture import KINDS, SIZE_WH, Recapture
from facecam.capture.source import frames, open_source
from facecam.imageio import read_image
from facecam.presentation.detector import PresentationDetector
from facecam.recognition.face_analyzer import FaceAnalyzer, open_face_analyzer
from facecam.recognizer import Recognizer
from facecam.settings import Settings
from facecam.types import Frame, TrackDecision

SETTINGS = Settings().replace({"track.presentation_check": True})
PERSON = "Ada"
_ATTACK_FRAMES = 20


def clip_frames(test_data: Path, clip: str) -> list[Frame]:
    with open_source(str(test_data / "data" / clip), SETTINGS.capture, 0.0) as source:
        return list(frames(source))


@pytest.fixture(scope="module")
def analyzer() -> Iterator[FaceAnalyzer]:
    with open_face_analyzer(SETTINGS) as opened:
        yield opened


def recognized(video: Iterable[Frame], photos: list[Frame], folder: Path) -> list[TrackDecision]:
    """Return the decisions about the only person in a video, who is enrolled with some frames."""
    person = folder / "gallery" / PERSON
    person.mkdir(parents=True)
    for frame in photos:
        assert cv2.imwrite(str(person / f"{frame.index}.png"), frame.bgr)
    with Recognizer(SETTINGS, folder / "gallery") as recognizer:
        return [sighting.track_decision for frame in video for sighting in recognizer(frame).sightings]


@pytest.mark.parametrize("image", ["attack_1", "attack_2"])
def test_the_authors_attacks_look_like_attacks(test_data: Path, analyzer: FaceAnalyzer, image: str) -> None:
    bgr = read_image(test_data / "data" / "attacks" / f"{image}.jpg")

    assert PresentationDetector(threads=1).live_scores(bgr, [analyzer.detect(bgr)[0].box])[0] < 0.2


def test_the_authors_living_person_looks_alive(test_data: Path, analyzer: FaceAnalyzer) -> None:
    bgr = read_image(test_data / "data" / "attacks" / "live_1.jpg")

    assert PresentationDetector(threads=1).live_scores(bgr, [analyzer.detect(bgr)[0].box])[0] > 0.8


@pytest.mark.parametrize("variant", ["face at the top", "noise 8"])
def test_a_person_at_the_border_or_in_noise_looks_alive(test_data: Path, analyzer: FaceAnalyzer, variant: str) -> None:
    video, random, detector = clip_frames(test_data, "webcam/help.mkv"), np.random.default_rng(1), PresentationDetector(threads=1)
    _, box = first_face(analyzer, [frame.bgr for frame in video])
    scores = []
    for frame in video[30::10]:
        bgr = VARIANTS[variant](frame.bgr, box, random)
        scores += detector.live_scores(bgr, [face.box for face in analyzer.detect(bgr)[:1]])

    assert np.median(scores) > 0.8


@pytest.mark.parametrize("clip", ["webcam/please.mkv", "webcam/night.mkv"])
def test_a_person_gets_the_name_at_the_third_sighting_and_keeps_it(test_data: Path, tmp_path: Path, clip: str) -> None:
    video = clip_frames(test_data, clip)

    decisions = recognized(video, [video[20], video[40]], tmp_path)

    names = [each.decision.name for each in decisions if each.track_id == decisions[0].track_id]
    first = names.index(PERSON)
    assert first <= 5
    assert set(names[first:]) == {PERSON}


@pytest.mark.parametrize("kind", ["film, phone", "photo, tablet"])
def test_an_attack_never_gets_the_name(test_data: Path, tmp_path: Path, analyzer: FaceAnalyzer, kind: str) -> None:
    video = clip_frames(test_data, "webcam/please.mkv")
    room = [np.asarray(cv2.resize(frame.bgr, SIZE_WH), np.uint8) for frame in clip_frames(test_data, EMPTY_ROOM)[:30]]
    content = [frame.bgr for frame in video]
    first, box = first_face(analyzer, content)
    attack = Recapture(KINDS[kind], content[first:], box, room, seed=1)

    decisions = recognized(itertools.islice(attack.frames(), _ATTACK_FRAMES), [video[20], video[40]], tmp_path)

    assert {each.decision.name for each in decisions} == {None}
    assert decisions[-1].decision.reason == "presentation_attack"
    nearest = decisions[-1].decision.nearest
    assert nearest is not None
    assert nearest.name == PERSON


def test_every_variant_of_a_living_person_is_an_image_of_its_own(test_data: Path, analyzer: FaceAnalyzer) -> None:
    frame = clip_frames(test_data, "webcam/night.mkv")[30]
    box = analyzer.detect(frame.bgr)[0].box

    made = {name: variant(frame.bgr, box, np.random.default_rng(1)).tobytes() for name, variant in VARIANTS.items()}

    assert len(set(made.values())) == len(made) >= 20
