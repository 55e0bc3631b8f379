"""Guided enrollment with the real networks, from a portrait that turns its head."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.enrollment.guided import SELF_CHECK_MS, EnrollmentPhase, EnrollmentProgress, GuidedEnrollment
from facecam.enrollment.pose_capture import FRAMES_PER_POSE, SPACING_MS
from facecam.enrollment.poses import Check, HeadAngles, Pose, pose_of
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.imageio import read_image
from facecam.messages import MESSAGES
from facecam.recognition.face_analyzer import FaceAnalyzer, open_face_analyzer
from facecam.recognizer import Recognizer
from facecam.settings import Settings
from facecam.types import DecisionStatus, FaceObservation, Frame, Image
from tests.enrollment.turned_head import turned

EILEEN, GRACE = "eileen_collins", "grace_hopper"
TURNS_DEG = {Pose.CENTER: (0, 0), Pose.LEFT: (35, 0), Pose.RIGHT: (-40, 0), Pose.UP: (0, 20), Pose.DOWN: (0, -13)}


class Studio:
    """Analyzes portraits with turned heads, each image once."""

    def __init__(self, reader: FaceAnalyzer, portraits: dict[str, Path]) -> None:
        self.reader = reader
        self._portraits = portraits
        self.posed = cache(self._posed)

    def _posed(self, who: str, pose: Pose) -> tuple[Image, tuple[FaceObservation, ...]]:
        portrait = read_image(self._portraits[who])
        bgr = turned(portrait, self.reader.analyze(portrait)[0].face, *TURNS_DEG[pose])
        return bgr, self.reader.analyze(bgr)

    def load(self, folder: Path) -> Gallery:
        return Gallery.load(folder, self.reader, conditions=analysis_conditions(Settings()))


class PortraitEnrollment:
    """Portrait that goes through a guided enrollment."""

    def __init__(self, studio: Studio, who: str, name: str, folder: Path) -> None:
        self.studio = studio
        self.who = who
        self.enrollment = GuidedEnrollment(name, studio.load(folder), studio.reader, Settings())
        self.t_ms = 0.0

    def see(self, bgr: Image, observations: tuple[FaceObservation, ...] | None = None) -> EnrollmentProgress:
        self.t_ms += SPACING_MS
        read = self.studio.reader.analyze(bgr) if observations is None else observations
        return self.enrollment.observe(Frame(bgr, 0, self.t_ms, self.t_ms / 1000, "camera"), read)

    def pose(self, pose: Pose, times: int = FRAMES_PER_POSE) -> EnrollmentProgress:
        for _ in range(times):
            progress = self.see(*self.studio.posed(self.who, pose))
        return progress

    def pose_all(self) -> EnrollmentProgress:
        self.pose(Pose.CENTER, times=6)
        return [self.pose(pose) for pose in Pose][-1]


@pytest.fixture(scope="module")
def studio(portraits: dict[str, Path]) -> Iterator[Studio]:
    with open_face_analyzer(Settings()) as reader:
        yield Studio(reader, portraits)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "gallery"


@pytest.fixture
def grace(studio: Studio, folder: Path) -> PortraitEnrollment:
    return PortraitEnrollment(studio, GRACE, "Grace Hopper", folder)


@pytest.mark.parametrize("who", [EILEEN, GRACE])
@pytest.mark.parametrize("pose", Pose)
def test_a_turned_head_is_in_its_pose_and_passes_the_gates(studio: Studio, who: str, pose: Pose) -> None:
    (center,), (observation,) = studio.posed(who, Pose.CENTER)[1], studio.posed(who, pose)[1]

    assert observation.gate is None
    assert pose_of(HeadAngles.from_quality(observation.quality, HeadAngles.from_quality(center.quality))) is pose


@pytest.mark.parametrize("who", [EILEEN, GRACE])
def test_a_person_enrolled_from_five_poses_passes_the_self_check_and_is_recognized(
    studio: Studio, folder: Path, who: str
) -> None:
    guest = PortraitEnrollment(studio, who, "Ada", folder)

    chosen = guest.pose_all()
    guest.enrollment.save()
    tested = guest.pose(Pose.LEFT, times=3)

    assert [(shot.pose, shot.verdict) for shot in chosen.shots] == [(pose, "ok") for pose in Pose]
    assert tested.report is not None
    assert tested.report.passed
    assert tested.report.own_l2 is not None
    assert tested.report.own_l2 < tested.report.threshold_l2 / 2
    bgr, _ = studio.posed(who, Pose.CENTER)
    with Recognizer(Settings(), folder) as recognizer:
        (sighting,) = recognizer.recognize_image(Frame(bgr, 0, 0, 0, "camera")).sightings
    assert (sighting.decision.status, sighting.decision.name) == (DecisionStatus.KNOWN, "Ada")


def test_a_blurred_frame_is_not_the_one_kept(grace: PortraitEnrollment) -> None:
    sharp, _ = grace.studio.posed(GRACE, Pose.CENTER)
    grace.pose(Pose.CENTER, times=6)

    for sigma in (2.0, 0.0, 1.0, 0.0, 0.0):
        progress = grace.see(np.asarray(cv2.GaussianBlur(sharp, (0, 0), sigma), np.uint8) if sigma else sharp)

    (shot,) = progress.shots
    assert shot.quality == grace.studio.reader.analyze(sharp)[0].quality


def dark(bgr: Image) -> Image:
    return np.asarray(bgr // 8, np.uint8)


def far_away(bgr: Image) -> Image:
    wall = np.full_like(bgr, 120)
    small = cv2.resize(bgr, None, fx=0.16, fy=0.16, interpolation=cv2.INTER_AREA)
    wall[: small.shape[0], : small.shape[1]] = small
    return wall


def out_of_focus(bgr: Image) -> Image:
    return np.asarray(cv2.GaussianBlur(bgr, (0, 0), 8), np.uint8)


def next_to_another(bgr: Image) -> Image:
    return np.hstack([bgr, bgr])


def of_a_wall(bgr: Image) -> Image:
    return np.full_like(bgr, 120)


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        (of_a_wall, Check.ONE_FACE),
        (next_to_another, Check.ONE_FACE),
        (far_away, Check.BIG_ENOUGH),
        (out_of_focus, Check.SHARP),
        (dark, Check.LIT),
    ],
)
def test_an_unsuitable_frame_gives_a_hint_and_is_not_kept(grace: PortraitEnrollment, changed, missing: Check) -> None:
    bgr, _ = grace.studio.posed(GRACE, Pose.CENTER)
    grace.pose(Pose.CENTER, times=6)

    progress = grace.see(changed(bgr))

    assert [item.code for item in progress.checks if item.hint] == [missing]
    assert progress.hint in MESSAGES
    assert progress.shots == ()


def test_enrolling_an_enrolled_person_again_is_a_conflict(studio: Studio, folder: Path, grace: PortraitEnrollment) -> None:
    grace.pose_all()
    grace.enrollment.save()
    again = PortraitEnrollment(studio, GRACE, "Bess", folder)
    again.pose_all()

    progress = again.enrollment.save()

    assert progress.phase is EnrollmentPhase.CONFLICT
    assert progress.similar_person is not None
    assert progress.similar_person.name == "Grace Hopper"
    assert again.enrollment.same_person().phase is EnrollmentPhase.TESTING
    assert [person.name for person in studio.load(folder).people] == ["Grace Hopper"]


def test_two_people_do_not_conflict_and_the_report_has_both_distances(
    studio: Studio, folder: Path, grace: PortraitEnrollment
) -> None:
    grace.pose_all()
    grace.enrollment.save()
    eileen = PortraitEnrollment(studio, EILEEN, "Eileen Collins", folder)
    eileen.pose_all()

    eileen.enrollment.save()
    report = eileen.pose(Pose.CENTER, times=3).report

    assert report is not None
    assert report.passed
    assert report.other_name == "Grace Hopper"
    assert report.own_l2 is not None
    assert report.other_l2 is not None
    assert report.own_l2 < report.threshold_l2 < report.other_l2


def test_another_person_does_not_pass_the_self_check(grace: PortraitEnrollment) -> None:
    grace.pose_all()
    grace.enrollment.save()
    grace.who = EILEEN

    report = grace.pose(Pose.CENTER, times=int(SELF_CHECK_MS / SPACING_MS) + 2).report

    assert report is not None
    assert (report.passed, report.reason) == (False, "too_far")
