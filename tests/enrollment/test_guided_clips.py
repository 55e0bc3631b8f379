"""Guided enrollment from webcam clips of people who move their heads freely."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from facecam.capture.source import frames, open_source
from facecam.enrollment.guided import EnrollmentPhase, EnrollmentProgress, GuidedEnrollment
from facecam.enrollment.poses import Pose
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.recognition.face_analyzer import FaceAnalyzer, open_face_analyzer
from facecam.settings import Settings
from facecam.types import FaceObservation, Frame

ENROLLED_FROM = {"A": "again", "B": "milk", "C": "book", "D": "eat"}
SEEN_IN = {"A": "help", "B": "please", "C": "learn", "D": "night"}
BETWEEN_MS = 10_000
"""The clips are a few seconds long and are repeated, far enough apart that no two frames count as one."""

Clip = list[tuple[Frame, tuple[FaceObservation, ...]]]
Clips = Callable[[str], Clip]


@pytest.fixture(scope="module")
def reader() -> Iterator[FaceAnalyzer]:
    with open_face_analyzer(Settings()) as reader:
        yield reader


@pytest.fixture(scope="module")
def clips(reader: FaceAnalyzer, test_data: Path) -> Clips:
    """Return a function that reads every second frame of a clip with its faces, each clip once."""

    @cache
    def analyze(clip: str) -> Clip:
        with open_source(str(test_data / "data" / "webcam" / f"{clip}.mkv"), Settings().capture, time.monotonic()) as source:
            return [(frame, reader.analyze(frame.bgr)) for frame in list(frames(source))[::2]]

    return analyze


class ClipEnrollment:
    """Guided enrollment fed with clips."""

    def __init__(self, name: str, folder: Path, reader: FaceAnalyzer, clips: Clips) -> None:
        gallery = Gallery.load(folder, reader, conditions=analysis_conditions(Settings()))
        self.enrollment = GuidedEnrollment(name, gallery, reader, Settings())
        self._clips = clips
        self._since_ms = 0.0

    def watch(self, clip: str, times: int = 1) -> EnrollmentProgress:
        for _ in range(times):
            for frame, observations in self._clips(clip):
                later = Frame(frame.bgr, frame.index, self._since_ms + frame.t_ms, frame.captured_at_s, frame.source)
                self.enrollment.observe(later, observations)
            self._since_ms += BETWEEN_MS
        return self.enrollment.progress

    def collected(self, clip: str) -> EnrollmentProgress:
        """Show the clip and skip the poses that it does not contain."""
        progress = self.watch(clip, times=2)
        while progress.phase is EnrollmentPhase.COLLECTING:
            progress = self.enrollment.skip()
        return progress


@pytest.fixture
def enroll_as(tmp_path: Path, reader: FaceAnalyzer, clips: Clips) -> Callable[[str], ClipEnrollment]:
    return lambda name: ClipEnrollment(name, tmp_path / "gallery", reader, clips)


@pytest.mark.parametrize("who", ENROLLED_FROM)
def test_a_person_enrolled_from_one_clip_passes_the_self_check_in_another(
    enroll_as: Callable[[str], ClipEnrollment], who: str
) -> None:
    person = enroll_as(who)

    chosen = person.collected(ENROLLED_FROM[who])
    person.enrollment.save()
    report = person.watch(SEEN_IN[who]).report

    assert Pose.CENTER in {shot.pose for shot in chosen.shots if shot.verdict == "ok"}
    assert report is not None
    assert report.passed, report


def test_frames_of_poses_that_are_not_prompted_count(enroll_as: Callable[[str], ClipEnrollment]) -> None:
    progress = enroll_as("A").watch("again", times=3)

    assert {Pose.CENTER, Pose.UP} <= {shot.pose for shot in progress.shots}
    assert progress.current_pose is Pose.LEFT


@pytest.mark.parametrize("who", ["A", "B", "D"])
def test_an_enrolled_person_under_another_name_is_a_conflict(enroll_as: Callable[[str], ClipEnrollment], who: str) -> None:
    """C looks aside in both of her clips: the few images of one are 0.26 from those of the other, too far for a conflict."""
    first = enroll_as(who)
    first.collected(ENROLLED_FROM[who])
    first.enrollment.save()
    again = enroll_as("New Person")

    again.collected(SEEN_IN[who])
    progress = again.enrollment.save()

    assert progress.phase is EnrollmentPhase.CONFLICT
    assert progress.similar_person is not None
    assert progress.similar_person.name == who


def test_four_people_are_enrolled_without_a_conflict(enroll_as: Callable[[str], ClipEnrollment]) -> None:
    for who, clip in ENROLLED_FROM.items():
        person = enroll_as(who)
        person.collected(clip)

        assert person.enrollment.save().phase is EnrollmentPhase.TESTING, who


def test_another_person_fails_the_self_check(enroll_as: Callable[[str], ClipEnrollment]) -> None:
    person = enroll_as("A")
    person.collected("again")
    person.enrollment.save()

    progress = person.watch("milk", times=2)

    assert progress.phase is EnrollmentPhase.DONE
    assert progress.report is not None
    assert not progress.report.passed
    assert progress.report.own_l2 is not None
    assert progress.report.own_l2 > progress.report.threshold_l2
