"""Guided enrollment from the first frame to the self-test, on colored patches as faces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from facecam.enrollment.enroll import IDENTITY_CONFLICT, NOTHING_KEPT
from facecam.enrollment.guided import ANOTHER_NAME, CANCELED, TEST_MS, EnrollmentPhase, EnrollmentProgress, GuidedEnrollment
from facecam.enrollment.pose_capture import FRAMES_PER_POSE, LEFT_OUT, SPACING_MS
from facecam.enrollment.poses import Pose
from facecam.enrollment.samples import ALREADY_ENROLLED, NOT_FOUND_AGAIN, TOO_ALIKE
from facecam.errors import GalleryError
from facecam.gallery.cache import forget_missing
from facecam.gallery.gallery import folder_fingerprint
from facecam.gallery.store import GalleryFolder
from facecam.recognition.face_analyzer import FaceObservation
from facecam.settings import Settings
from facecam.types import Frame, Image
from tests.color_reader import Color, ColorReader, Studio

TURNS = {Pose.CENTER: (0, 0), Pose.LEFT: (20, 0), Pose.RIGHT: (-20, 0), Pose.UP: (0, 15), Pose.DOWN: (0, -15)}
RED = {pose: (0, 25 * place, 255) for place, pose in enumerate(Pose)}
BLUE = {pose: (255, 25 * place, 0) for place, pose in enumerate(Pose)}
NEARLY_RED = {pose: (0, 12 + 25 * place, 255) for place, pose in enumerate(Pose)}
Looks = dict[Pose, Color]


class Guest:
    """Somebody at the camera: shows poses in their colors, one frame each SPACING_MS."""

    def __init__(self, studio: Studio, name: str, looks: Looks) -> None:
        self.studio = studio
        self.looks = looks
        self.enrollment = GuidedEnrollment(name, studio.load(), studio.reader, Settings())
        self.t_ms = 0.0

    def show(self, pose: Pose, times: int = FRAMES_PER_POSE, size: int = 60) -> EnrollmentProgress:
        bgr = self.studio.picture(self.looks[pose], size=size)
        yaw_deg, pitch_deg = TURNS[pose]
        turned = [
            replace(reading, quality=replace(reading.quality, yaw_deg=yaw_deg, pitch_deg=pitch_deg))
            for reading in self.studio.reader.analyze(bgr)
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
def ada(studio: Studio) -> Guest:
    return Guest(studio, "Ada", RED)


@pytest.fixture
def enrolled_ada(studio: Studio) -> Studio:
    """A gallery that Ada is in, with the pictures that a guided enrollment gives her."""
    assert Guest(studio, "Ada", RED).saved().phase is EnrollmentPhase.TESTING
    return studio


def photos(studio: Studio, name: str) -> list[str]:
    return sorted(photo.name for photo in GalleryFolder(studio.root).person(name).photos)


def files(studio: Studio) -> set[str]:
    """Everything in the people's folders."""
    return {path for path, _, _ in folder_fingerprint(studio.root)}


def verdicts(progress: EnrollmentProgress) -> dict[Pose, str]:
    return {shot.pose: shot.verdict for shot in progress.shots}


def test_from_the_first_frame_to_the_passed_test(ada: Guest) -> None:
    phases = [ada.enrollment.progress.phase, ada.show_all().phase, ada.enrollment.save().phase, ada.show(Pose.CENTER, 3).phase]

    assert phases == [EnrollmentPhase.COLLECTING, EnrollmentPhase.CHOOSING, EnrollmentPhase.TESTING, EnrollmentPhase.DONE]
    report = ada.enrollment.progress.report
    assert report is not None
    assert (report.passed, report.reason, report.sightings) == (True, "ok", 3)
    assert report.own_l2 == pytest.approx(0, abs=0.03)
    assert len(photos(ada.studio, "Ada")) == 5


def test_poses_are_asked_for_in_their_order(ada: Guest) -> None:
    asked = [ada.show(Pose.CENTER, times=6).asked, *[ada.show(pose).asked for pose in Pose]]

    assert asked == [*Pose, None]


def test_nothing_is_written_before_it_is_saved(ada: Guest) -> None:
    ada.show_all()

    assert not ada.studio.root.exists()


def test_of_each_pose_the_picture_is_the_sharpest(ada: Guest) -> None:
    ada.show(Pose.CENTER, times=6)
    for size in (40, 90, 60):
        ada.show(Pose.CENTER, times=4, size=size)

    (shot,) = ada.enrollment.progress.shots

    assert shot.quality.sharpness == 90


def test_a_pose_that_looks_like_another_adds_nothing_and_is_dropped_with_that_verdict(studio: Studio) -> None:
    guest = Guest(studio, "Ada", {**RED, Pose.UP: RED[Pose.LEFT]})

    found = verdicts(guest.show_all())
    guest.enrollment.save()

    assert found == {pose: TOO_ALIKE if pose is Pose.UP else "ok" for pose in Pose}
    assert len(photos(studio, "Ada")) == 4


def test_when_the_one_it_looks_like_is_left_out_it_is_worth_keeping(studio: Studio) -> None:
    guest = Guest(studio, "Ada", {**RED, Pose.UP: RED[Pose.LEFT]})
    guest.show_all()

    found = verdicts(guest.enrollment.leave_out(Pose.LEFT))

    assert (found[Pose.LEFT], found[Pose.UP]) == (LEFT_OUT, "ok")
    assert verdicts(guest.enrollment.keep(Pose.LEFT))[Pose.UP] == TOO_ALIKE


def test_what_is_left_out_is_not_saved(ada: Guest) -> None:
    ada.show_all()
    ada.enrollment.leave_out(Pose.DOWN)

    ada.enrollment.save()

    assert len(photos(ada.studio, "Ada")) == 4


def test_a_picture_in_which_the_face_is_not_found_again_has_that_verdict(tmp_path: Path) -> None:
    class ForgetsDown(ColorReader):
        """Finds the face of the pose "down" in the camera's frame only."""

        def analyze(self, bgr: Image) -> tuple[FaceObservation, ...]:
            return () if bgr.shape[0] < 240 and bgr[..., 0].max() > 80 else super().analyze(bgr)

    guest = Guest(Studio(tmp_path / "gallery", ForgetsDown()), "Ada", {**RED, Pose.DOWN: (100, 60, 255)})

    found = verdicts(guest.show_all())

    assert found == {pose: NOT_FOUND_AGAIN if pose is Pose.DOWN else "ok" for pose in Pose}


def test_a_pose_out_of_reach_can_be_skipped(ada: Guest) -> None:
    ada.show(Pose.CENTER, times=6)
    for pose in (Pose.CENTER, Pose.LEFT, Pose.RIGHT):
        ada.show(pose)

    ada.enrollment.skip()
    progress = ada.show(Pose.DOWN)

    assert progress.phase is EnrollmentPhase.CHOOSING
    assert progress.skipped == (Pose.UP,)
    assert Pose.UP not in verdicts(progress)


def test_the_center_cannot_be_skipped(ada: Guest) -> None:
    with pytest.raises(GalleryError, match="can be skipped"):
        ada.enrollment.skip()


def test_a_pose_is_taken_again(ada: Guest) -> None:
    ada.show_all()
    before = {shot.pose: shot.jpeg for shot in ada.enrollment.progress.shots}

    again = ada.enrollment.retake(Pose.LEFT)
    ada.looks = {**RED, Pose.LEFT: (0, 110, 255)}
    after = {shot.pose: shot.jpeg for shot in ada.show(Pose.LEFT).shots}

    assert (again.phase, again.asked) == (EnrollmentPhase.COLLECTING, Pose.LEFT)
    assert again.fraction < 0.9
    assert {pose for pose in Pose if before[pose] != after[pose]} == {Pose.LEFT}


def test_what_is_taken_again_after_saving_replaces_what_was_saved(ada: Guest) -> None:
    ada.saved()
    before = photos(ada.studio, "Ada")
    ada.enrollment.retake(Pose.LEFT)
    ada.looks = {**RED, Pose.LEFT: (90, 0, 255)}
    ada.show(Pose.LEFT)

    ada.enrollment.save()

    after = photos(ada.studio, "Ada")
    assert len(after) == 5
    assert len(set(before) & set(after)) == 4


def test_consent_is_written_down_with_a_new_person(ada: Guest) -> None:
    ada.show_all()

    ada.enrollment.save(consent="yes, for the door, 2026-11-22")

    assert GalleryFolder(ada.studio.root).person("Ada").consent == "yes, for the door, 2026-11-22"


def test_one_who_looks_like_somebody_enrolled_is_asked_about_and_nothing_is_written(enrolled_ada: Studio) -> None:
    before = files(enrolled_ada)

    progress = Guest(enrolled_ada, "Bess", NEARLY_RED).saved()

    assert progress.phase is EnrollmentPhase.CONFLICT
    assert progress.rival is not None
    assert progress.rival.name == "Ada"
    assert progress.rival.distance_l2 == pytest.approx(0.045, abs=0.02)
    assert "looks like Ada" in progress.sentence
    assert files(enrolled_ada) == before


def test_the_same_person_gains_the_pictures_that_are_new(enrolled_ada: Studio) -> None:
    looks = {**RED, Pose.DOWN: (0, 125, 255)}
    guest = Guest(enrolled_ada, "Bess", looks)
    guest.saved()

    progress = guest.enrollment.same_person()

    assert progress.phase is EnrollmentPhase.TESTING
    assert guest.enrollment.name == "Ada"
    assert verdicts(progress) == {pose: "ok" if pose is Pose.DOWN else ALREADY_ENROLLED for pose in Pose}
    assert len(photos(enrolled_ada, "Ada")) == 6
    assert [person.name for person in enrolled_ada.load().people] == ["Ada"]


def test_somebody_else_is_enrolled_in_spite_of_it(enrolled_ada: Studio) -> None:
    guest = Guest(enrolled_ada, "Bess", NEARLY_RED)
    guest.saved()

    guest.enrollment.somebody_else()

    assert len(photos(enrolled_ada, "Bess")) == 5
    assert len(photos(enrolled_ada, "Ada")) == 5


def test_that_they_are_two_people_is_not_asked_twice(enrolled_ada: Studio) -> None:
    guest = Guest(enrolled_ada, "Bess", NEARLY_RED)
    guest.saved()
    guest.enrollment.somebody_else()
    guest.enrollment.leave_out(Pose.DOWN)

    assert guest.enrollment.save().phase is EnrollmentPhase.TESTING


def test_canceling_a_conflict_refuses_with_that_reason(enrolled_ada: Studio) -> None:
    before = files(enrolled_ada)
    guest = Guest(enrolled_ada, "Bess", NEARLY_RED)
    guest.saved()

    progress = guest.enrollment.cancel()

    assert (progress.phase, progress.reason) == (EnrollmentPhase.REFUSED, IDENTITY_CONFLICT)
    assert files(enrolled_ada) == before


def test_whoever_is_enrolled_already_gains_pictures_under_their_name(enrolled_ada: Studio) -> None:
    progress = Guest(enrolled_ada, "Ada", NEARLY_RED).saved()

    assert progress.phase is EnrollmentPhase.TESTING
    assert [person.name for person in enrolled_ada.load().people] == ["Ada"]


def test_with_every_picture_left_out_nothing_is_enrolled(ada: Guest) -> None:
    ada.show_all()
    for pose in Pose:
        ada.enrollment.leave_out(pose)

    progress = ada.enrollment.save()

    assert (progress.phase, progress.reason) == (EnrollmentPhase.REFUSED, NOTHING_KEPT)
    assert "5 left_out" in progress.sentence
    assert ada.enrollment.keep(Pose.CENTER).phase is EnrollmentPhase.CHOOSING


def test_ended_early_nothing_is_saved(ada: Guest) -> None:
    ada.show(Pose.CENTER, times=12)

    progress = ada.enrollment.cancel()

    assert (progress.phase, progress.reason) == (EnrollmentPhase.REFUSED, CANCELED)
    assert not ada.studio.root.exists()


def test_the_test_fails_when_somebody_else_sits_there_and_nothing_is_lost(ada: Guest) -> None:
    ada.saved()
    ada.looks = BLUE

    progress = ada.show(Pose.CENTER, times=int(TEST_MS / SPACING_MS) + 2)

    assert progress.phase is EnrollmentPhase.DONE
    assert progress.report is not None
    assert (progress.report.passed, progress.report.reason) == (False, "too_far")
    assert progress.report.own_l2 == pytest.approx(2**0.5, abs=0.05)
    assert "Ada is not recognized yet" in progress.sentence
    assert len(photos(ada.studio, "Ada")) == 5


def test_the_test_fails_with_the_name_that_is_given_instead(enrolled_ada: Studio) -> None:
    guest = Guest(enrolled_ada, "Bess", BLUE)
    guest.saved()
    guest.looks = RED

    progress = guest.show(Pose.CENTER, times=int(TEST_MS / SPACING_MS) + 2)

    assert progress.report is not None
    assert (progress.report.passed, progress.report.reason) == (False, ANOTHER_NAME)
    assert progress.report.other_name == "Ada"
    assert "taken for Ada" in progress.sentence


def test_the_test_fails_when_nobody_is_there(ada: Guest) -> None:
    ada.saved()

    for t_ms in (0, TEST_MS):
        progress = ada.enrollment.observe(Frame(ada.studio.picture(), 0, t_ms, 0, "camera"), [])

    assert progress.report is not None
    assert progress.report.reason == "no_face"


def test_a_failed_test_can_be_taken_again(ada: Guest) -> None:
    ada.saved()
    ada.looks = BLUE
    ada.show(Pose.CENTER, times=int(TEST_MS / SPACING_MS) + 2)
    ada.looks = RED

    ada.enrollment.test_again()
    report = ada.show(Pose.LEFT, times=3).report

    assert report is not None
    assert report.passed


def test_undo_takes_photos_and_person_away_and_keeps_the_pictures_for_another_choice(ada: Guest) -> None:
    ada.saved()

    progress = ada.enrollment.undo()

    assert progress.phase is EnrollmentPhase.CHOOSING
    assert len(progress.shots) == 5
    assert not files(ada.studio)
    assert ada.enrollment.gallery.people == ()
    assert ada.enrollment.save().phase is EnrollmentPhase.TESTING


def test_undo_leaves_nothing_of_the_faces_in_the_cache(enrolled_ada: Studio) -> None:
    guest = Guest(enrolled_ada, "Ada", NEARLY_RED)
    guest.saved()

    guest.enrollment.undo()

    assert forget_missing(enrolled_ada.root) == 0


def test_undo_leaves_what_the_person_had_before(enrolled_ada: Studio) -> None:
    before = files(enrolled_ada)
    guest = Guest(enrolled_ada, "Ada", NEARLY_RED)
    guest.saved()
    mine = enrolled_ada.save(enrolled_ada.root / "Ada" / "mine.png", (0, 200, 255))

    guest.enrollment.undo()

    assert files(enrolled_ada) == before | {str(mine)}


def test_undo_leaves_a_new_person_to_whom_somebody_added_a_photo(ada: Guest) -> None:
    ada.saved()
    ada.studio.save(ada.studio.root / "Ada" / "mine.png", (0, 200, 255))

    ada.enrollment.undo()

    assert photos(ada.studio, "Ada") == ["mine.png"]


def test_undo_finds_a_person_who_was_renamed_meanwhile(ada: Guest) -> None:
    ada.saved()
    GalleryFolder(ada.studio.root).rename("Ada", "Ada Lovelace")

    ada.enrollment.undo()

    assert not files(ada.studio)


def test_what_was_not_saved_cannot_be_undone(ada: Guest) -> None:
    with pytest.raises(GalleryError, match="nothing was saved"):
        ada.enrollment.undo()


@pytest.mark.parametrize("step", ["save", "same_person", "somebody_else", "test_again"])
def test_a_step_out_of_turn_says_so_and_changes_nothing(ada: Guest, step: str) -> None:
    before = ada.enrollment.progress

    with pytest.raises(GalleryError, match="the enrollment is collecting"):
        getattr(ada.enrollment, step)()

    assert ada.enrollment.progress.phase is before.phase


def test_a_name_that_is_none_is_refused_before_anybody_sits_down(studio: Studio) -> None:
    with pytest.raises(GalleryError, match="no name"):
        GuidedEnrollment(" ", studio.load(), studio.reader, Settings())


def test_a_folder_that_cannot_be_written_leaves_the_choice_as_it_was(ada: Guest, tmp_path: Path) -> None:
    ada.show_all()
    (tmp_path / "gallery").write_text("in the way")

    with pytest.raises(GalleryError):
        ada.enrollment.save()

    assert ada.enrollment.progress.phase is EnrollmentPhase.CHOOSING
    (tmp_path / "gallery").unlink()
    assert ada.enrollment.save().phase is EnrollmentPhase.TESTING


def test_the_fraction_rises_to_one(ada: Guest) -> None:
    fractions = [ada.show(Pose.CENTER, times=6).fraction, *[ada.show(pose).fraction for pose in Pose]]
    fractions += [ada.enrollment.save().fraction, *[ada.show(Pose.CENTER, times=1).fraction for _ in range(3)]]

    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[5], fractions[-1]) == (0, pytest.approx(0.9), 1)
