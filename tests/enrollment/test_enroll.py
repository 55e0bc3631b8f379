"""Selection of samples, and enrollment with its refusals."""

from __future__ import annotations

import numpy as np
import pytest

from facecam.enrollment.enroll import enroll, judge_photo, selection_from
from facecam.enrollment.samples import POOL_SIZE, CandidatePool, SelectionRule, face_crop, select_samples
from facecam.errors import EnrollmentRefusedError
from facecam.gallery.gallery import folder_fingerprint
from facecam.gallery.service import GalleryService
from facecam.types import Box

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
    verdicts = [judge_photo(studio.save(tmp_path / name, *colors), studio.reader) for name, colors in photos.items()]
    verdicts.append(judge_photo(studio.save(tmp_path / "far.png", RED, size=10), studio.reader))
    verdicts.append(judge_photo(tmp_path / "missing.png", studio.reader))

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

    sample = judge_photo(tmp_path / "1.png", studio.reader).sample

    assert sample is not None
    assert len(studio.reader.analyze(cv2.imdecode(np.frombuffer(sample.jpeg, np.uint8), cv2.IMREAD_COLOR))) == 1


def test_samples_differ_and_their_number_is_limited(studio) -> None:
    frames = analyze_all(studio, [studio.image(shade) for shade in SHADES for _ in range(3)])

    selection = select_samples(frames, studio.reader, SelectionRule(max_samples=5, max_spread_l2=2))

    embeddings = [sample.embedding for sample in selection.samples]
    assert len(embeddings) == 5
    assert min(np.linalg.norm(a - b) for i, a in enumerate(embeddings) for b in embeddings[:i]) >= 0.05
    assert selection.refused["too_alike"] >= 2 * len(SHADES)


def test_the_sharper_of_two_similar_frames_is_kept(studio) -> None:
    frames = analyze_all(studio, [studio.image(RED, size=40), studio.image(RED, size=80), studio.image(RED, size=50)])

    (sample,) = select_samples(frames, studio.reader).samples

    assert sample.observation.quality.sharpness == pytest.approx(80, abs=3)


def test_only_frames_with_one_usable_face_count(studio) -> None:
    frames = analyze_all(studio, [studio.image(), studio.image(RED, GREEN), studio.image(RED, size=10), studio.image(BLUE)])

    selection = select_samples(frames, studio.reader)

    assert [round(float(s.embedding[0]), 1) for s in selection.samples] == [1.0]
    assert selection.refused == {"no_face": 1, "several_faces": 1, "too_small": 1}


def test_a_passer_by_is_an_outlier(studio) -> None:
    frames = analyze_all(studio, [*(studio.image(shade) for shade in SHADES[:4]), studio.image(BLUE, size=90)])

    selection = select_samples(frames, studio.reader, SelectionRule(max_spread_l2=0.5))

    assert len(selection.samples) == 4
    assert selection.refused["outlier"] == 1


def test_a_long_video_keeps_a_bounded_number_of_frames(studio) -> None:
    pool = CandidatePool(min_distance_l2=0.0001)
    for shade in range(POOL_SIZE + 20):
        image = studio.image((0, 2 * shade, 255), size=30)
        pool.offer(image, studio.reader.analyze(image))

    assert len(pool.candidates) == POOL_SIZE


def test_an_enrolled_person_is_recognized(studio) -> None:
    selection = select_samples(analyze_all(studio, [studio.image(RED)]), studio.reader)

    enrolled = enroll(studio.load(), "Ada", selection, 0.3)

    assert enrolled.photos == 1
    assert [sample.name for sample in studio.load().samples] == ["Ada"]


def test_enrolling_the_same_samples_again_adds_nothing(studio) -> None:
    frames = analyze_all(studio, [studio.image(RED)])
    enroll(studio.load(), "Ada", select_samples(frames, studio.reader), 0.3)
    known = [sample.embedding for sample in studio.load().samples]

    again = enroll(studio.load(), "Ada", select_samples(frames, studio.reader, known=known), 0.3)
    once_more = enroll(studio.load(), "Ada", select_samples(frames, studio.reader), 0.3)

    assert (again.paths, once_more.paths) == ((), ())


def test_an_existing_name_gains_samples_in_the_same_folder(studio) -> None:
    first = enroll(studio.load(), "Ada", select_samples(analyze_all(studio, [studio.image(RED)]), studio.reader), 0.3)
    second = enroll(studio.load(), "Ada", select_samples(analyze_all(studio, [studio.image((0, 60, 255))]), studio.reader), 0.3)

    assert first.person.person_id == second.person.person_id
    assert len(GalleryService(studio.root).person("Ada").photos) == 2


def test_a_refusal_counts_the_reasons_and_leaves_no_folder(studio) -> None:
    selection = select_samples(analyze_all(studio, [studio.image(), studio.image()]), studio.reader)

    with pytest.raises(EnrollmentRefusedError, match=r"no face found \(2\)") as refused:
        enroll(studio.load(), "Ada", selection, 0.3)

    assert refused.value.reason == "nothing_kept"
    assert not studio.root.exists()


def test_a_person_who_looks_like_another_is_refused_unless_forced(studio) -> None:
    enroll(studio.load(), "Ada", select_samples(analyze_all(studio, [studio.image(RED)]), studio.reader), 0.3)
    double = select_samples(analyze_all(studio, [studio.image((0, 20, 255))]), studio.reader)

    with pytest.raises(EnrollmentRefusedError, match=r"looks like Ada.*--force") as refused:
        enroll(studio.load(), "Bess", double, 0.3)

    assert refused.value.reason == "identity_conflict"
    assert enroll(studio.load(), "Bess", double, 0.3, force=True).person.name == "Bess"


def test_one_look_alike_frame_among_many_does_not_refuse(studio) -> None:
    enroll(studio.load(), "Ada", select_samples(analyze_all(studio, [studio.image(RED)]), studio.reader), 0.1)
    mostly_other = select_samples(analyze_all(studio, [studio.image(shade) for shade in SHADES]), studio.reader)

    assert enroll(studio.load(), "Bess", mostly_other, 0.1).photos


def test_undoing_an_enrollment_restores_the_folder(studio) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    before = {path for path, _, _ in folder_fingerprint(studio.root)}
    more = enroll(studio.load(), "Ada", select_samples(analyze_all(studio, [studio.image((0, 60, 255))]), studio.reader), 0.3)
    new = enroll(studio.load(), "Bess", select_samples(analyze_all(studio, [studio.image(BLUE)]), studio.reader), 0.3)

    for enrolled in (new, more):
        enrolled.undo()

    assert {path for path, _, _ in folder_fingerprint(studio.root)} - before == {str(studio.root / "Ada" / "person.toml")}
    assert (more.is_new_person, new.is_new_person) == (False, True)


def test_consent_is_recorded_for_a_new_person_only(studio) -> None:
    selection = select_samples(analyze_all(studio, [studio.image(RED)]), studio.reader)

    for consent in ("yes, by letter", "no longer asked"):
        enroll(studio.load(), "Ada", selection, 0.3, consent=consent)

    assert GalleryService(studio.root).person("Ada").consent == "yes, by letter"
