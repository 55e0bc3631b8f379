"""Guided enrollment from the first frame to the self-check, with colored patches as faces."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from facecam.enrollment.enroll import IDENTITY_CONFLICT, MIXED_PEOPLE, NOTHING_KEPT
from facecam.enrollment.guided import ANOTHER_NAME, CANCELED, SELF_CHECK_MS, EnrollmentPhase, EnrollmentProgress, GuidedEnrollment
from facecam.enrollment.pose_capture import FRAMES_PER_POSE, LEFT_OUT, SPACING_MS
from facecam.enrollment.poses import Pose
from facecam.enrollment.samples import ALREADY_ENROLLED, NOT_FOUND_AGAIN, TOO_ALIKE
from facecam.errors import GalleryError
from facecam.gallery.cache import prune_caches
from facecam.gallery.gallery import folder_fingerprint
from facecam.gallery.service import GalleryService
from facecam.networks.embedding_networks import embedding_network
from facecam.settings import Settings
from facecam.types import FaceObservation, Frame, Image
from tests.color_reader import Color, ColorAnalyzer, Studio

TURNS = {Pose.CENTER: (0, 0), Pose.LEFT: (20, 0), Pose.RIGHT: (-20, 0), Pose.UP: (0, 15), Pose.DOWN: (0, -15)}
STEP = 1.3 * embedding_network(Settings().identify.network).duplicate_l2
"""Angle between the colors of two poses, wide enough that they are not too alike."""


def red(steps: float) -> Color:
    """Return a red that is turned toward green by so many steps."""
    return 0, round(255 * math.sin(steps * STEP)), round(255 * math.cos(steps * STEP))


RED = {pose: red(place) for place, pose in enumerate(Pose)}
BLUE = {pose: red(place)[::-1] for place, pose in enumerate(Pose)}
NEARLY_RED = {pose: red(place + 0.5) for place, pose in enumerate(Pose)}
PoseColors = dict[Pose, Color]


class SimulatedPerson:
    """Simulated person who shows poses as colors, one frame every SPACING_MS."""

    def __init__(self, studio: Studio, name: str, colors: PoseColors) -> None:
        self.studio = studio
        self.colors = colors
        self.enrollment = GuidedEnrollment(name, studio.load(), studio.reader, Settings())
        self.t_ms = 0.0

    def show(self, pose: Pose, times: int = FRAMES_PER_POSE, size: int = 60) -> EnrollmentProgress:
        bgr = self.studio.image(self.colors[pose], size=size)
        yaw_deg, pitch_deg = TURNS[pose]
        turned = [
            replace(observation, quality=replace(observation.quality, yaw_deg=yaw_deg, pitch_deg=pitch_deg))
            for observation in self.studio.reader.analyze(bgr)
        ]
        for _ in range(times):
            self.t_ms += SPACING_MS
            self.enrollment.observe(Frame(bgr, 0, self.t_ms, self.t_ms / 1000, "camera"), turned)
        return self.enrollment.progress

    def show_all(self) -> EnrollmentProgress:
        self.show(Pose.CENTER, times=6)
        return [self.show(pose) for pose in Pose][-1]

    def saved(self) -> EnrollmentProgress:
        self.show_all()
        return self.enrollment.save()


@pytest.fixture
def ada(studio: Studio) -> SimulatedPerson:
    return SimulatedPerson(studio, "Ada", RED)


@pytest.fixture
def enrolled_ada(studio: Studio) -> Studio:
    """Gallery with Ada, enrolled by a guided enrollment."""
    assert SimulatedPerson(studio, "Ada", RED).saved().phase is EnrollmentPhase.TESTING
    return studio


def photos(studio: Studio, name: str) -> list[str]:
    return sorted(photo.name for photo in GalleryService(studio.root).person(name).photos)


def files(studio: Studio) -> set[str]:
    """Return every path in the people's folders."""
    return {path for path, _, _ in folder_fingerprint(studio.root)}


def verdicts(progress: EnrollmentProgress) -> dict[Pose, str]:
    return {shot.pose: shot.verdict for shot in progress.shots}


def test_an_enrollment_runs_from_the_first_frame_to_the_passed_self_check(ada: SimulatedPerson) -> None:
    phases = [ada.enrollment.progress.phase, ada.show_all().phase, ada.enrollment.save().phase, ada.show(Pose.CENTER, 3).phase]

    assert phases == [EnrollmentPhase.COLLECTING, EnrollmentPhase.CHOOSING, EnrollmentPhase.TESTING, EnrollmentPhase.DONE]
    report = ada.enrollment.progress.report
    assert report is not None
    assert (report.passed, report.reason, report.sightings) == (True, "ok", 3)
    assert report.own_l2 == pytest.approx(0, abs=0.03)
    assert len(photos(ada.studio, "Ada")) == 5


def test_poses_are_prompted_in_order(ada: SimulatedPerson) -> None:
    prompted = [ada.show(Pose.CENTER, times=6).current_pose, *[ada.show(pose).current_pose for pose in Pose]]

    assert prompted == [*Pose, None]


def test_nothing_is_written_before_it_is_saved(ada: SimulatedPerson) -> None:
    ada.show_all()

    assert not ada.studio.root.exists()


def test_the_sharpest_image_of_a_pose_is_kept(ada: SimulatedPerson) -> None:
    ada.show(Pose.CENTER, times=6)
    for size in (40, 90, 60):
        ada.show(Pose.CENTER, times=4, size=size)

    (shot,) = ada.enrollment.progress.shots

    assert shot.quality.sharpness == 90


def test_an_image_like_that_of_another_pose_is_too_alike(studio: Studio) -> None:
    person = SimulatedPerson(studio, "Ada", {**RED, Pose.UP: RED[Pose.LEFT]})

    found = verdicts(person.show_all())
    person.enrollment.save()

    assert found == {pose: TOO_ALIKE if pose is Pose.UP else "ok" for pose in Pose}
    assert len(photos(studio, "Ada")) == 4


def test_excluding_an_image_makes_a_similar_one_acceptable(studio: Studio) -> None:
    person = SimulatedPerson(studio, "Ada", {**RED, Pose.UP: RED[Pose.LEFT]})
    person.show_all()

    found = verdicts(person.enrollment.exclude(Pose.LEFT))

    assert (found[Pose.LEFT], found[Pose.UP]) == (LEFT_OUT, "ok")
    assert verdicts(person.enrollment.include(Pose.LEFT))[Pose.UP] == TOO_ALIKE


def test_an_excluded_image_is_not_saved(ada: SimulatedPerson) -> None:
    ada.show_all()
    ada.enrollment.exclude(Pose.DOWN)

    ada.enrollment.save()

    assert len(photos(ada.studio, "Ada")) == 4


def test_an_image_whose_face_is_not_found_again_has_that_verdict(tmp_path: Path) -> None:
    class ForgetsDown(ColorAnalyzer):
        """Detects the face of the pose "down" in whole frames only."""

        def analyze(self, bgr: Image) -> tuple[FaceObservation, ...]:
            return () if bgr.shape[0] < 240 and bgr[..., 0].max() > 80 else super().analyze(bgr)

    person = SimulatedPerson(Studio(tmp_path / "gallery", ForgetsDown()), "Ada", {**RED, Pose.DOWN: (100, *red(4)[1:])})

    found = verdicts(person.show_all())

    assert found == {pose: NOT_FOUND_AGAIN if pose is Pose.DOWN else "ok" for pose in Pose}


def test_a_pose_out_of_reach_can_be_skipped(ada: SimulatedPerson) -> None:
    ada.show(Pose.CENTER, times=6)
    for pose in (Pose.CENTER, Pose.LEFT, Pose.RIGHT):
        ada.show(pose)

    ada.enrollment.skip()
    progress = ada.show(Pose.DOWN)

    assert progress.phase is EnrollmentPhase.CHOOSING
    assert progress.skipped == (Pose.UP,)
    assert Pose.UP not in verdicts(progress)


def test_the_center_cannot_be_skipped(ada: SimulatedPerson) -> None:
    with pytest.raises(GalleryError, match="can be skipped"):
        ada.enrollment.skip()


def test_a_pose_can_be_retaken(ada: SimulatedPerson) -> None:
    ada.show_all()
    before = {shot.pose: shot.jpeg for shot in ada.enrollment.progress.shots}

    again = ada.enrollment.retake(Pose.LEFT)
    ada.colors = {**RED, Pose.LEFT: red(1.3)}
    after = {shot.pose: shot.jpeg for shot in ada.show(Pose.LEFT).shots}

    assert (again.phase, again.current_pose) == (EnrollmentPhase.COLLECTING, Pose.LEFT)
    assert again.fraction < 0.9
    assert {pose for pose in Pose if before[pose] != after[pose]} == {Pose.LEFT}


def test_an_image_retaken_after_saving_replaces_the_saved_one(ada: SimulatedPerson) -> None:
    ada.saved()
    before = photos(ada.studio, "Ada")
    ada.enrollment.retake(Pose.LEFT)
    ada.colors = {**RED, Pose.LEFT: (90, 0, 255)}
    ada.show(Pose.LEFT)

    ada.enrollment.save()

    after = photos(ada.studio, "Ada")
    assert len(after) == 5
    assert len(set(before) & set(after)) == 4


def test_consent_is_recorded_with_a_new_person(ada: SimulatedPerson) -> None:
    ada.show_all()

    ada.enrollment.save(consent="yes, for the door, 2026-11-22")

    assert GalleryService(ada.studio.root).person("Ada").consent == "yes, for the door, 2026-11-22"


def test_a_person_like_an_enrolled_one_is_a_conflict_and_nothing_is_written(enrolled_ada: Studio) -> None:
    before = files(enrolled_ada)

    progress = SimulatedPerson(enrolled_ada, "Bess", NEARLY_RED).saved()

    assert progress.phase is EnrollmentPhase.CONFLICT
    assert progress.similar_person is not None
    assert progress.similar_person.name == "Ada"
    assert progress.similar_person.distance_l2 == pytest.approx(1.65 * STEP, abs=0.02)
    assert files(enrolled_ada) == before


def test_the_same_person_gains_the_new_images(enrolled_ada: Studio) -> None:
    colors = {**RED, Pose.DOWN: red(5)}
    person = SimulatedPerson(enrolled_ada, "Bess", colors)
    person.saved()

    progress = person.enrollment.same_person()

    assert progress.phase is EnrollmentPhase.TESTING
    assert person.enrollment.name == "Ada"
    assert verdicts(progress) == {pose: "ok" if pose is Pose.DOWN else ALREADY_ENROLLED for pose in Pose}
    assert len(photos(enrolled_ada, "Ada")) == 6
    assert [person.name for person in enrolled_ada.load().people] == ["Ada"]


def test_a_different_person_is_enrolled_despite_the_similarity(enrolled_ada: Studio) -> None:
    person = SimulatedPerson(enrolled_ada, "Bess", NEARLY_RED)
    person.saved()

    person.enrollment.different_person()

    assert len(photos(enrolled_ada, "Bess")) == 5
    assert len(photos(enrolled_ada, "Ada")) == 5


def test_a_resolved_conflict_does_not_return(enrolled_ada: Studio) -> None:
    person = SimulatedPerson(enrolled_ada, "Bess", NEARLY_RED)
    person.saved()
    person.enrollment.different_person()
    person.enrollment.exclude(Pose.DOWN)

    assert person.enrollment.save().phase is EnrollmentPhase.TESTING


def test_canceling_a_conflict_refuses_with_that_reason(enrolled_ada: Studio) -> None:
    before = files(enrolled_ada)
    person = SimulatedPerson(enrolled_ada, "Bess", NEARLY_RED)
    person.saved()

    progress = person.enrollment.cancel()

    assert (progress.phase, progress.reason) == (EnrollmentPhase.REFUSED, IDENTITY_CONFLICT)
    assert files(enrolled_ada) == before


def test_somebody_else_than_the_enrolled_person_is_a_question_and_nothing_is_written(enrolled_ada: Studio) -> None:
    before = files(enrolled_ada)

    progress = SimulatedPerson(enrolled_ada, "Ada", BLUE).saved()

    assert progress.phase is EnrollmentPhase.MIXED
    assert progress.mixed is not None
    assert (progress.mixed.groups[0], len(progress.mixed.others), progress.mixed.enrolled) == ((), 5, 5)
    assert files(enrolled_ada) == before


def test_a_person_whose_looks_changed_is_enrolled_after_confirmation(enrolled_ada: Studio) -> None:
    changed = SimulatedPerson(enrolled_ada, "Ada", BLUE)
    changed.saved()

    assert changed.enrollment.enroll_anyway().phase is EnrollmentPhase.TESTING
    assert len(photos(enrolled_ada, "Ada")) == 10


def test_canceling_that_question_refuses_with_its_reason(enrolled_ada: Studio) -> None:
    other = SimulatedPerson(enrolled_ada, "Ada", BLUE)
    other.saved()

    progress = other.enrollment.cancel()

    assert (progress.phase, progress.reason) == (EnrollmentPhase.REFUSED, MIXED_PEOPLE)


def test_an_enrolled_person_gains_images_under_their_name(enrolled_ada: Studio) -> None:
    progress = SimulatedPerson(enrolled_ada, "Ada", NEARLY_RED).saved()

    assert progress.phase is EnrollmentPhase.TESTING
    assert [person.name for person in enrolled_ada.load().people] == ["Ada"]


def test_with_every_image_excluded_nothing_is_enrolled(ada: SimulatedPerson) -> None:
    ada.show_all()
    for pose in Pose:
        ada.enrollment.exclude(pose)

    progress = ada.enrollment.save()

    assert (progress.phase, progress.reason) == (EnrollmentPhase.REFUSED, NOTHING_KEPT)
    assert ada.enrollment.include(Pose.CENTER).phase is EnrollmentPhase.CHOOSING


def test_a_canceled_enrollment_saves_nothing(ada: SimulatedPerson) -> None:
    ada.show(Pose.CENTER, times=12)

    progress = ada.enrollment.cancel()

    assert (progress.phase, progress.reason) == (EnrollmentPhase.REFUSED, CANCELED)
    assert not ada.studio.root.exists()


def test_the_self_check_fails_for_another_person_and_keeps_the_photos(ada: SimulatedPerson) -> None:
    ada.saved()
    ada.colors = BLUE

    progress = ada.show(Pose.CENTER, times=int(SELF_CHECK_MS / SPACING_MS) + 2)

    assert progress.phase is EnrollmentPhase.DONE
    assert progress.report is not None
    assert (progress.report.passed, progress.report.reason) == (False, "too_far")
    assert progress.report.own_l2 == pytest.approx(2**0.5, abs=0.05)
    assert len(photos(ada.studio, "Ada")) == 5


def test_a_failed_self_check_reports_the_name_given_instead(enrolled_ada: Studio) -> None:
    person = SimulatedPerson(enrolled_ada, "Bess", BLUE)
    person.saved()
    person.colors = RED

    progress = person.show(Pose.CENTER, times=int(SELF_CHECK_MS / SPACING_MS) + 2)

    assert progress.report is not None
    assert (progress.report.passed, progress.report.reason) == (False, ANOTHER_NAME)
    assert progress.report.other_name == "Ada"


def test_the_self_check_fails_without_a_face(ada: SimulatedPerson) -> None:
    ada.saved()

    for t_ms in (0, SELF_CHECK_MS):
        progress = ada.enrollment.observe(Frame(ada.studio.image(), 0, t_ms, 0, "camera"), [])

    assert progress.report is not None
    assert progress.report.reason == "no_face"


def test_a_failed_self_check_can_be_repeated(ada: SimulatedPerson) -> None:
    ada.saved()
    ada.colors = BLUE
    ada.show(Pose.CENTER, times=int(SELF_CHECK_MS / SPACING_MS) + 2)
    ada.colors = RED

    ada.enrollment.repeat_test()
    report = ada.show(Pose.LEFT, times=3).report

    assert report is not None
    assert report.passed


def test_undo_removes_photos_and_person_and_keeps_the_images_for_another_choice(ada: SimulatedPerson) -> None:
    ada.saved()

    progress = ada.enrollment.undo()

    assert progress.phase is EnrollmentPhase.CHOOSING
    assert len(progress.shots) == 5
    assert not files(ada.studio)
    assert ada.enrollment.gallery.people == ()
    assert ada.enrollment.save().phase is EnrollmentPhase.TESTING


def test_undo_leaves_no_cache_entries(enrolled_ada: Studio) -> None:
    person = SimulatedPerson(enrolled_ada, "Ada", NEARLY_RED)
    person.saved()

    person.enrollment.undo()

    assert prune_caches(enrolled_ada.root) == 0


def test_undo_keeps_the_persons_other_photos(enrolled_ada: Studio) -> None:
    before = files(enrolled_ada)
    person = SimulatedPerson(enrolled_ada, "Ada", NEARLY_RED)
    person.saved()
    mine = enrolled_ada.save(enrolled_ada.root / "Ada" / "mine.png", (0, 200, 255))

    person.enrollment.undo()

    assert files(enrolled_ada) == before | {str(mine)}


def test_undo_keeps_a_new_person_who_gained_another_photo(ada: SimulatedPerson) -> None:
    ada.saved()
    ada.studio.save(ada.studio.root / "Ada" / "mine.png", (0, 200, 255))

    ada.enrollment.undo()

    assert photos(ada.studio, "Ada") == ["mine.png"]


def test_undo_finds_a_person_who_was_renamed_meanwhile(ada: SimulatedPerson) -> None:
    ada.saved()
    GalleryService(ada.studio.root).rename("Ada", "Ada Lovelace")

    ada.enrollment.undo()

    assert not files(ada.studio)


def test_undo_without_saving_is_refused(ada: SimulatedPerson) -> None:
    with pytest.raises(GalleryError, match="there is nothing to undo"):
        ada.enrollment.undo()


@pytest.mark.parametrize("step", ["save", "same_person", "different_person", "repeat_test"])
def test_a_step_in_the_wrong_phase_is_refused_and_changes_nothing(ada: SimulatedPerson, step: str) -> None:
    before = ada.enrollment.progress

    with pytest.raises(GalleryError, match="the enrollment is collecting"):
        getattr(ada.enrollment, step)()

    assert ada.enrollment.progress.phase is before.phase


def test_an_invalid_name_is_refused_at_the_start(studio: Studio) -> None:
    with pytest.raises(GalleryError, match="cannot be used as a name"):
        GuidedEnrollment(" ", studio.load(), studio.reader, Settings())


def test_an_unwritable_folder_leaves_the_phase_unchanged(ada: SimulatedPerson, tmp_path: Path) -> None:
    ada.show_all()
    (tmp_path / "gallery").write_text("in the way")

    with pytest.raises(GalleryError):
        ada.enrollment.save()

    assert ada.enrollment.progress.phase is EnrollmentPhase.CHOOSING
    (tmp_path / "gallery").unlink()
    assert ada.enrollment.save().phase is EnrollmentPhase.TESTING


def test_the_fraction_rises_to_one(ada: SimulatedPerson) -> None:
    fractions = [ada.show(Pose.CENTER, times=6).fraction, *[ada.show(pose).fraction for pose in Pose]]
    fractions += [ada.enrollment.save().fraction, *[ada.show(Pose.CENTER, times=1).fraction for _ in range(3)]]

    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[5], fractions[-1]) == (0, pytest.approx(0.9), 1)


def test_nothing_is_saved_once_another_network_compares_faces(ada: SimulatedPerson) -> None:
    ada.show_all()
    ada.studio.reader.embedding_id = "colors-2"

    with pytest.raises(GalleryError, match="another network compares faces now"):
        ada.enrollment.save()

    assert not ada.studio.root.exists()
