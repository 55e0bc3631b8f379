"""Selection of samples, and enrollment with its refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facecam.enrollment.enroll import EnrollmentOptions, enroll, judge_photo, selection_from
from facecam.enrollment.samples import POOL_SIZE, CandidatePool, face_crop, select_from_pool, select_samples
from facecam.errors import EnrollmentRefusedError
from facecam.gallery.gallery import folder_fingerprint
from facecam.gallery.service import GalleryService
from facecam.types import Box
from tests.color_reader import SELECTION

OPTIONS = EnrollmentOptions(SELECTION)

RED, GREEN, BLUE = (0, 0, 255), (0, 255, 0), (255, 0, 0)
SHADES = [(0, shade, 255) for shade in range(0, 240, 20)]


def analyze_all(studio, images):
    return [(image, studio.reader.analyze(image)) for image in images]


def test_each_photo_has_its_own_verdict(studio, tmp_path) -> None:
    photos = {
        "good.png": (RED,),
        "empty.png": (),
        "two.png": (RED, GREEN),
    }
    verdicts = [judge_photo(studio.save(tmp_path / name, *colors), studio.reader, SELECTION) for name, colors in photos.items()]
    verdicts.append(judge_photo(studio.save(tmp_path / "far.png", RED, size=10), studio.reader, SELECTION))
    verdicts.append(judge_photo(tmp_path / "missing.png", studio.reader, SELECTION))

    assert [verdict.reason for verdict in verdicts] == ["ok", "no_face", "several_faces", "too_small", "unreadable"]
    assert selection_from(verdicts).refused == {"no_face": 1, "several_faces": 1, "too_small": 1, "unreadable": 1}


def test_the_crop_is_a_square_clipped_to_the_frame() -> None:
    frame = np.zeros((200, 300, 3), np.uint8)

    assert face_crop(frame, Box(130, 80, 40, 30)).shape == (100, 100, 3)
    assert face_crop(frame, Box(-10, -10, 40, 40)).shape == (60, 60, 3)


def test_a_photo_with_a_bystander_is_saved_without_them(studio, tmp_path) -> None:
    image = studio.image(RED)
    image[10:20, 400:410] = GREEN
    import cv2

    cv2.imwrite(str(tmp_path / "1.png"), image)

    sample = judge_photo(tmp_path / "1.png", studio.reader, SELECTION).sample

    assert sample is not None
    assert len(studio.reader.analyze(cv2.imdecode(np.frombuffer(sample.jpeg, np.uint8), cv2.IMREAD_COLOR))) == 1


def test_a_bystander_is_not_enrolled_when_the_larger_face_cannot_be_used(studio, tmp_path) -> None:
    class TurnedAway(type(studio.reader)):
        """The largest face is turned too far."""

        def analyze(self, bgr):
            largest, *others = super().analyze(bgr)
            return (replace(largest, gate="extreme_pose", embedding=None), *others) if others else (largest,)

    import cv2

    image = studio.image(RED, size=90)
    image[60:100, 300:340] = GREEN
    cv2.imwrite(str(tmp_path / "1.png"), image)

    assert judge_photo(tmp_path / "1.png", TurnedAway(), SELECTION).reason == "several_faces"


def test_samples_differ_and_their_number_is_limited(studio) -> None:
    frames = analyze_all(studio, [studio.image(shade) for shade in SHADES for _ in range(3)])

    selection = select_samples(frames, studio.reader, replace(SELECTION, max_samples=5, video_apart_l2=2))

    embeddings = [sample.embedding for sample in selection.samples]
    assert len(embeddings) == 5
    assert min(np.linalg.norm(a - b) for i, a in enumerate(embeddings) for b in embeddings[:i]) >= 0.05
    assert selection.refused["too_alike"] >= 2 * len(SHADES)


def test_the_sharper_of_two_similar_frames_is_kept(studio) -> None:
    frames = analyze_all(studio, [studio.image(RED, size=40), studio.image(RED, size=80), studio.image(RED, size=50)])

    (sample,) = select_samples(frames, studio.reader, SELECTION).samples

    assert sample.observation.quality.sharpness == pytest.approx(80, abs=3)


def test_only_frames_with_one_usable_face_count(studio) -> None:
    frames = analyze_all(studio, [studio.image(), studio.image(RED, GREEN), studio.image(RED, size=10), studio.image(BLUE)])

    selection = select_samples(frames, studio.reader, SELECTION)

    assert [round(float(s.embedding[0]), 1) for s in selection.samples] == [1.0]
    assert selection.refused == {"no_face": 1, "several_faces": 1, "too_small": 1}


def test_a_passer_by_is_an_outlier(studio) -> None:
    frames = analyze_all(studio, [*(studio.image(shade) for shade in SHADES[:4]), studio.image(BLUE, size=90)])

    selection = select_samples(frames, studio.reader, SELECTION)

    assert len(selection.samples) == 4
    assert selection.refused["outlier"] == 1


def test_a_long_video_keeps_a_bounded_number_of_frames(studio) -> None:
    pool = CandidatePool(min_distance_l2=0.0001)
    for shade in range(POOL_SIZE + 20):
        image = studio.image((0, 2 * shade, 255), size=30)
        pool.offer(image, studio.reader.analyze(image))

    assert len(pool.candidates) == POOL_SIZE


def test_an_enrolled_person_is_recognized(studio) -> None:
    selection = select_samples(analyze_all(studio, [studio.image(RED)]), studio.reader, SELECTION)

    enrolled = enroll(studio.load(), "Ada", selection, OPTIONS)

    assert enrolled.photos == 1
    assert [sample.name for sample in studio.load().samples] == ["Ada"]


def test_enrolling_the_same_samples_again_adds_nothing(studio) -> None:
    frames = analyze_all(studio, [studio.image(RED)])
    enroll(studio.load(), "Ada", select_samples(frames, studio.reader, SELECTION), OPTIONS)
    known = [sample.embedding for sample in studio.load().samples]

    again = enroll(studio.load(), "Ada", select_samples(frames, studio.reader, SELECTION, known=known), OPTIONS)
    once_more = enroll(studio.load(), "Ada", select_samples(frames, studio.reader, SELECTION), OPTIONS)

    assert (again.paths, once_more.paths) == ((), ())


def test_an_existing_name_gains_samples_in_the_same_folder(studio) -> None:
    first = enroll(
        studio.load(), "Ada", select_samples(analyze_all(studio, [studio.image(RED)]), studio.reader, SELECTION), OPTIONS
    )
    second = enroll(
        studio.load(), "Ada", select_samples(analyze_all(studio, [studio.image((0, 60, 255))]), studio.reader, SELECTION), OPTIONS
    )

    assert first.person.person_id == second.person.person_id
    assert len(GalleryService(studio.root).person("Ada").photos) == 2


def test_a_refusal_counts_the_reasons_and_leaves_no_folder(studio) -> None:
    selection = select_samples(analyze_all(studio, [studio.image(), studio.image()]), studio.reader, SELECTION)

    with pytest.raises(EnrollmentRefusedError, match=r"no face found \(2\)") as refused:
        enroll(studio.load(), "Ada", selection, OPTIONS)

    assert refused.value.reason == "nothing_kept"
    assert not studio.root.exists()


def test_a_person_who_looks_like_another_is_refused_unless_forced(studio) -> None:
    enroll(studio.load(), "Ada", select_samples(analyze_all(studio, [studio.image(RED)]), studio.reader, SELECTION), OPTIONS)
    double = select_samples(analyze_all(studio, [studio.image((0, 20, 255))]), studio.reader, SELECTION)

    with pytest.raises(EnrollmentRefusedError, match=r"looks like Ada.*--force") as refused:
        enroll(studio.load(), "Bess", double, OPTIONS)

    assert refused.value.reason == "identity_conflict"
    assert enroll(studio.load(), "Bess", double, replace(OPTIONS, force=True)).person.name == "Bess"


def test_a_video_in_which_the_person_changes_is_refused_unless_forced(studio) -> None:
    frames = analyze_all(studio, [*(studio.image(shade) for shade in SHADES[:6]), *(studio.image(BLUE) for _ in range(4))])
    pool = CandidatePool(SELECTION.min_distance_l2)
    for number, (image, observations) in enumerate(frames):
        pool.offer(image, observations, f"0:{number:02}")
    mixed, forced = (select_from_pool(pool, studio.reader, SELECTION, allow_mixed=allowed) for allowed in (False, True))

    with pytest.raises(
        EnrollmentRefusedError, match=r"2 people, first seen at 0:00 \(60%\) and 0:06 \(40%\).*--force"
    ) as refused:
        enroll(studio.load(), "Ada", mixed, OPTIONS)

    assert refused.value.reason == "mixed_people"
    assert not studio.root.exists()
    assert enroll(studio.load(), "Ada", forced, replace(OPTIONS, allow_mixed=True)).photos == len(mixed.samples) + 1


def test_a_video_of_somebody_else_than_the_enrolled_person_is_refused(studio) -> None:
    studio.save(studio.root / "Ada" / "1.png", BLUE)
    selection = select_samples(analyze_all(studio, [studio.image(shade) for shade in SHADES[:4]]), studio.reader, SELECTION)

    with pytest.raises(EnrollmentRefusedError, match=r"the video and the enrolled photos of Ada \(1\) show different people"):
        enroll(studio.load(), "Ada", selection, OPTIONS)


def test_one_look_alike_frame_among_many_does_not_refuse(studio) -> None:
    enroll(studio.load(), "Ada", select_samples(analyze_all(studio, [studio.image(RED)]), studio.reader, SELECTION), OPTIONS)
    mostly_other = select_samples(analyze_all(studio, [studio.image(shade) for shade in SHADES]), studio.reader, SELECTION)

    assert enroll(studio.load(), "Bess", mostly_other, OPTIONS).photos


def test_undoing_an_enrollment_restores_the_folder(studio) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    before = {path for path, _, _ in folder_fingerprint(studio.root)}
    more = enroll(
        studio.load(), "Ada", select_samples(analyze_all(studio, [studio.image((0, 60, 255))]), studio.reader, SELECTION), OPTIONS
    )
    new = enroll(
        studio.load(), "Bess", select_samples(analyze_all(studio, [studio.image(BLUE)]), studio.reader, SELECTION), OPTIONS
    )

    for enrolled in (new, more):
        enrolled.undo()

    assert {path for path, _, _ in folder_fingerprint(studio.root)} - before == {str(studio.root / "Ada" / "person.toml")}
    assert (more.is_new_person, new.is_new_person) == (False, True)


def test_consent_is_recorded_for_a_new_person_only(studio) -> None:
    selection = select_samples(analyze_all(studio, [studio.image(RED)]), studio.reader, SELECTION)

    for consent in ("yes, by letter", "no longer asked"):
        enroll(studio.load(), "Ada", selection, replace(OPTIONS, consent=consent))

    assert GalleryService(studio.root).person("Ada").consent == "yes, by letter"
