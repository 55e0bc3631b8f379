"""What becomes a sample, and who may not be enrolled."""

from __future__ import annotations

import numpy as np
import pytest

from facecam.enrollment.enroll import enroll, judge_photo, selection_of, undo_enrollment
from facecam.enrollment.samples import POOL_SIZE, CandidatePool, SelectionRule, face_crop, pick_samples
from facecam.errors import EnrollmentRefusedError
from facecam.gallery.gallery import folder_fingerprint
from facecam.gallery.store import GalleryFolder
from facecam.types import Box

RED, GREEN, BLUE = (0, 0, 255), (0, 255, 0), (255, 0, 0)
SHADES = [(0, shade, 255) for shade in range(0, 240, 20)]


def read_all(studio, pictures):
    return [(picture, studio.reader.analyze(picture)) for picture in pictures]


def test_each_photo_has_its_own_verdict(studio, tmp_path) -> None:
    photos = {
        "good.png": (RED,),
        "nobody.png": (),
        "two.png": (RED, GREEN),
    }
    verdicts = [judge_photo(studio.save(tmp_path / name, *who), studio.reader) for name, who in photos.items()]
    verdicts.append(judge_photo(studio.save(tmp_path / "far.png", RED, size=10), studio.reader))
    verdicts.append(judge_photo(tmp_path / "missing.png", studio.reader))

    assert [verdict.reason for verdict in verdicts] == ["ok", "no_face", "several_faces", "too_small", "unreadable"]
    assert selection_of(verdicts).refused == {"no_face": 1, "several_faces": 1, "too_small": 1, "unreadable": 1}


def test_the_crop_is_a_square_around_the_face_as_far_as_the_frame_reaches() -> None:
    frame = np.zeros((200, 300, 3), np.uint8)

    assert face_crop(frame, Box(130, 80, 40, 30)).shape == (100, 100, 3)
    assert face_crop(frame, Box(-10, -10, 40, 40)).shape == (60, 60, 3)


def test_a_photo_with_a_bystander_is_saved_without_them(studio, tmp_path) -> None:
    picture = studio.picture(RED)
    picture[10:20, 400:410] = GREEN
    import cv2

    cv2.imwrite(str(tmp_path / "1.png"), picture)

    sample = judge_photo(tmp_path / "1.png", studio.reader).sample

    assert sample is not None
    assert len(studio.reader.analyze(cv2.imdecode(np.frombuffer(sample.jpeg, np.uint8), cv2.IMREAD_COLOR))) == 1


def test_samples_differ_and_are_at_most_as_many_as_asked(studio) -> None:
    frames = read_all(studio, [studio.picture(shade) for shade in SHADES for _ in range(3)])

    selection = pick_samples(frames, studio.reader, SelectionRule(max_samples=5, max_spread_l2=2))

    embeddings = [sample.embedding for sample in selection.samples]
    assert len(embeddings) == 5
    assert min(np.linalg.norm(a - b) for i, a in enumerate(embeddings) for b in embeddings[:i]) >= 0.05
    assert selection.refused["too_alike"] >= 2 * len(SHADES)


def test_of_two_alike_the_sharper_is_kept(studio) -> None:
    frames = read_all(studio, [studio.picture(RED, size=40), studio.picture(RED, size=80), studio.picture(RED, size=50)])

    (sample,) = pick_samples(frames, studio.reader).samples

    assert sample.reading.quality.sharpness == pytest.approx(80, abs=3)


def test_only_frames_with_one_usable_face_count(studio) -> None:
    frames = read_all(studio, [studio.picture(), studio.picture(RED, GREEN), studio.picture(RED, size=10), studio.picture(BLUE)])

    selection = pick_samples(frames, studio.reader)

    assert [round(float(s.embedding[0]), 1) for s in selection.samples] == [1.0]
    assert selection.refused == {"no_face": 1, "several_faces": 1, "too_small": 1}


def test_somebody_who_passes_by_is_left_out(studio) -> None:
    frames = read_all(studio, [*(studio.picture(shade) for shade in SHADES[:4]), studio.picture(BLUE, size=90)])

    selection = pick_samples(frames, studio.reader, SelectionRule(max_spread_l2=0.5))

    assert len(selection.samples) == 4
    assert selection.refused["outlier"] == 1


def test_a_long_video_keeps_a_bounded_number_of_frames(studio) -> None:
    pool = CandidatePool(min_distance_l2=0.0001)
    for shade in range(200):
        picture = studio.picture((0, shade, 255), size=30)
        pool.offer(picture, studio.reader.analyze(picture))

    assert len(pool.candidates()) == POOL_SIZE


def test_what_is_enrolled_is_recognized(studio) -> None:
    selection = pick_samples(read_all(studio, [studio.picture(RED)]), studio.reader)

    enrolled = enroll(studio.load(), "Ada", selection, 0.3)

    assert len(enrolled.added) == 1
    assert [sample.name for sample in studio.load().samples] == ["Ada"]


def test_enrolling_the_same_again_adds_nothing_and_is_no_error(studio) -> None:
    frames = read_all(studio, [studio.picture(RED)])
    enroll(studio.load(), "Ada", pick_samples(frames, studio.reader), 0.3)
    known = [sample.embedding for sample in studio.load().samples]

    again = enroll(studio.load(), "Ada", pick_samples(frames, studio.reader, known=known), 0.3)
    once_more = enroll(studio.load(), "Ada", pick_samples(frames, studio.reader), 0.3)

    assert (again.added, once_more.added, once_more.already_there) == ((), (), 1)


def test_an_existing_name_gains_samples_in_the_same_folder(studio) -> None:
    first = enroll(studio.load(), "Ada", pick_samples(read_all(studio, [studio.picture(RED)]), studio.reader), 0.3)
    second = enroll(studio.load(), "Ada", pick_samples(read_all(studio, [studio.picture((0, 60, 255))]), studio.reader), 0.3)

    assert first.person.person_id == second.person.person_id
    assert len(GalleryFolder(studio.root).person("Ada").photos) == 2


def test_nothing_kept_is_refused_with_the_counts_and_leaves_no_folder(studio) -> None:
    selection = pick_samples(read_all(studio, [studio.picture(), studio.picture()]), studio.reader)

    with pytest.raises(EnrollmentRefusedError, match="2 no_face") as refused:
        enroll(studio.load(), "Ada", selection, 0.3)

    assert refused.value.reason == "nothing_kept"
    assert not studio.root.exists()


def test_somebody_who_looks_like_another_is_refused_unless_forced(studio) -> None:
    enroll(studio.load(), "Ada", pick_samples(read_all(studio, [studio.picture(RED)]), studio.reader), 0.3)
    double = pick_samples(read_all(studio, [studio.picture((0, 20, 255))]), studio.reader)

    with pytest.raises(EnrollmentRefusedError, match=r"looks like Ada.*--force") as refused:
        enroll(studio.load(), "Bess", double, 0.3)

    assert refused.value.reason == "identity_conflict"
    assert enroll(studio.load(), "Bess", double, 0.3, force=True).person.name == "Bess"


def test_one_look_alike_frame_among_many_does_not_refuse(studio) -> None:
    enroll(studio.load(), "Ada", pick_samples(read_all(studio, [studio.picture(RED)]), studio.reader), 0.1)
    mostly_other = pick_samples(read_all(studio, [studio.picture(shade) for shade in SHADES]), studio.reader)

    assert enroll(studio.load(), "Bess", mostly_other, 0.1).added


def test_an_enrollment_taken_back_leaves_the_folder_as_it_was(studio) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    before = {path for path, _, _ in folder_fingerprint(studio.root)}
    more = enroll(studio.load(), "Ada", pick_samples(read_all(studio, [studio.picture((0, 60, 255))]), studio.reader), 0.3)
    new = enroll(studio.load(), "Bess", pick_samples(read_all(studio, [studio.picture(BLUE)]), studio.reader), 0.3)

    for enrolled in (new, more):
        undo_enrollment(GalleryFolder(studio.root), enrolled)

    assert {path for path, _, _ in folder_fingerprint(studio.root)} - before == {str(studio.root / "Ada" / "person.toml")}
    assert (more.new_person, new.new_person) == (False, True)


def test_consent_is_written_down_for_a_new_person_only(studio) -> None:
    selection = pick_samples(read_all(studio, [studio.picture(RED)]), studio.reader)

    for consent in ("yes, by letter", "no longer asked"):
        enroll(studio.load(), "Ada", selection, 0.3, consent=consent)

    assert GalleryFolder(studio.root).person("Ada").consent == "yes, by letter"
