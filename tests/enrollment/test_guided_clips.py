"""Guided enrollment on film: people before a webcam who look up, down and aside as they please."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from facecam.capture.source import frames, open_source
from facecam.enrollment.guided import EnrollmentPhase, EnrollmentProgress, GuidedEnrollment
from facecam.enrollment.poses import Pose
from facecam.gallery.gallery import Gallery, reading_conditions
from facecam.recognition.face_analyzer import FaceAnalyzer, FaceObservation, open_face_analyzer
from facecam.settings import Settings
from facecam.types import Frame

ENROLLED_FROM = {"A": "again", "B": "milk", "C": "book", "D": "eat"}
SEEN_IN = {"A": "help", "B": "please", "C": "learn", "D": "night"}
BETWEEN_MS = 10_000
"""The clips are a few seconds long: they are shown again and again, so far apart that no two frames are the same one."""

Film = list[tuple[Frame, tuple[FaceObservation, ...]]]
Films = Callable[[str], Film]


@pytest.fixture(scope="module")
def reader() -> Iterator[FaceAnalyzer]:
    with open_face_analyzer(Settings()) as reader:
        yield reader


@pytest.fixture(scope="module")
def films(reader: FaceAnalyzer, test_data: Path) -> Films:
    """A clip's frames with their faces; each clip is read once."""

    @cache
    def read(clip: str) -> Film:
        with open_source(str(test_data / "data" / "webcam" / f"{clip}.mkv"), Settings().capture, time.monotonic()) as source:
            return [(frame, reader.analyze(frame.bgr)) for frame in frames(source)]

    return read


class Sitting:
    """An enrollment from clips."""

    def __init__(self, name: str, folder: Path, reader: FaceAnalyzer, films: Films) -> None:
        gallery = Gallery.load(folder, reader, conditions=reading_conditions(Settings()))
        self.enrollment = GuidedEnrollment(name, gallery, reader, Settings())
        self._films = films
        self._since_ms = 0.0

    def watch(self, clip: str, times: int = 1) -> EnrollmentProgress:
        for _ in range(times):
            for frame, readings in self._films(clip):
                later = Frame(frame.bgr, frame.index, self._since_ms + frame.t_ms, frame.captured_at_s, frame.source)
                self.enrollment.observe(later, readings)
            self._since_ms += BETWEEN_MS
        return self.enrollment.progress

    def collected(self, clip: str) -> EnrollmentProgress:
        """After the clip was shown, without the poses that it does not have."""
        progress = self.watch(clip, times=2)
        while progress.phase is EnrollmentPhase.COLLECTING:
            progress = self.enrollment.skip()
        return progress


@pytest.fixture
def sitting(tmp_path: Path, reader: FaceAnalyzer, films: Films) -> Callable[[str], Sitting]:
    return lambda name: Sitting(name, tmp_path / "gallery", reader, films)


@pytest.mark.parametrize("who", ENROLLED_FROM)
def test_who_is_enrolled_from_one_clip_passes_the_test_in_another(sitting: Callable[[str], Sitting], who: str) -> None:
    person = sitting(who)

    chosen = person.collected(ENROLLED_FROM[who])
    person.enrollment.save()
    report = person.watch(SEEN_IN[who]).report

    assert Pose.CENTER in {shot.pose for shot in chosen.shots if shot.verdict == "ok"}
    assert report is not None
    assert report.passed, report


def test_one_who_looks_about_fills_poses_that_were_not_asked_for(sitting: Callable[[str], Sitting]) -> None:
    progress = sitting("A").watch("again", times=3)

    assert {Pose.CENTER, Pose.UP} <= {shot.pose for shot in progress.shots}
    assert progress.asked is Pose.LEFT


@pytest.mark.parametrize("who", ["A", "B", "D"])
def test_somebody_enrolled_is_found_again_under_another_name(sitting: Callable[[str], Sitting], who: str) -> None:
    """C looks aside in both of her clips: the few pictures of one are 0.26 from those of the other, too far to be asked about."""
    first = sitting(who)
    first.collected(ENROLLED_FROM[who])
    first.enrollment.save()
    again = sitting("somebody new")

    again.collected(SEEN_IN[who])
    progress = again.enrollment.save()

    assert progress.phase is EnrollmentPhase.CONFLICT
    assert progress.rival is not None
    assert progress.rival.name == who


def test_four_people_are_enrolled_one_after_the_other_without_a_question(sitting: Callable[[str], Sitting]) -> None:
    for who, clip in ENROLLED_FROM.items():
        person = sitting(who)
        person.collected(clip)

        assert person.enrollment.save().phase is EnrollmentPhase.TESTING, who


def test_another_person_fails_the_test(sitting: Callable[[str], Sitting]) -> None:
    person = sitting("A")
    person.collected("again")
    person.enrollment.save()

    progress = person.watch("milk", times=2)

    assert progress.phase is EnrollmentPhase.DONE
    assert progress.report is not None
    assert not progress.report.passed
    assert progress.report.own_l2 is not None
    assert progress.report.own_l2 > progress.report.threshold_l2
