"""Photos that the audit of a gallery quarantines or keeps, on synthetic and real people."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.damaged_galleries import GalleryFactory, Tally
from facecam.gallery.audit import AuditResult, AuditRule, audit_photos
from facecam.gallery.verify import PhotoAnalysis, PhotoAnalyzer, Thumbnail
from facecam.networks.embedding_networks import embedding_network
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.recognition.matching import DecisionRule
from facecam.settings import GateSettings, Settings
from facecam.types import Floats
from tests.color_reader import NETWORK
from tests.lowered_threshold import table_lowering

RULE = AuditRule.for_network(NETWORK, min_size_px=40)
DECISION = DecisionRule(0.32, margin_l2=0.03, unsure_band_l2=0.03)


def toward(axis: int, sideways: int, distance_l2: float) -> Floats:
    """Return an embedding this far from the one along `axis`, turned toward `sideways`."""
    angle = 2 * np.arcsin(distance_l2 / 2)
    embedding = np.zeros(128, np.float32)
    embedding[axis], embedding[sideways] = np.cos(angle), np.sin(angle)
    return embedding


def photo(name: str, number: int, embedding: Floats | None, **facts: object) -> PhotoAnalysis:
    """Return a photo of 200 x 200 px with unique content."""
    photo_id = f"{name}/{number}.jpg"
    digest = hashlib.sha256(photo_id.encode())
    gray = np.random.default_rng(list(digest.digest())).uniform(0, 255, (32, 32)).astype(np.float32)
    known = PhotoAnalysis(
        photo_id, name, name, Path(photo_id), digest.hexdigest(), 9000, "ok", Thumbnail((200, 200), gray), 100, embedding
    )
    faces = np.zeros((0, 128), np.float32) if embedding is None else embedding[np.newaxis]
    return replace(known, **({"face_embeddings": faces} | facts))


def person(axis: int, name: str, photos: int = 5) -> list[PhotoAnalysis]:
    """Return photos of one person, each 0.2 from a center that is not among them."""
    return [photo(name, number, toward(axis, 20 + 10 * axis + number, 0.2)) for number in range(photos)]


def reasons(result: AuditResult) -> dict[str, str]:
    return {finding.photo.photo_id: finding.reason for finding in result.findings}


def audit(*photos: Sequence[PhotoAnalysis]) -> AuditResult:
    return audit_photos([one for some in photos for one in some], RULE, DECISION)


def test_nothing_is_found_in_a_good_gallery() -> None:
    result = audit(person(0, "Ada"), person(1, "Grace"))

    assert result.findings == ()
    assert result.before == result.after
    assert result.before.named_right == 10


def test_an_empty_gallery_can_be_audited() -> None:
    assert audit([]).before.samples == 0


def test_a_stranger_among_a_persons_photos_is_an_outlier() -> None:
    stranger = photo("Ada", 9, toward(5, 6, 0.2))

    result = audit(person(0, "Ada"), [stranger], person(1, "Grace"))

    assert reasons(result) == {"Ada/9.jpg": "outlier"}
    assert result.to_quarantine == (stranger,)
    assert result.after.samples == result.before.samples - 1


def test_two_strangers_do_not_hide_each_other() -> None:
    strangers = [photo("Ada", 8, toward(5, 6, 0.2)), photo("Ada", 9, toward(5, 7, 0.2))]

    assert reasons(audit(person(0, "Ada"), strangers)) == {"Ada/8.jpg": "outlier", "Ada/9.jpg": "outlier"}


def test_half_of_a_persons_photos_are_never_outliers() -> None:
    other = [photo("Ada", 10 + number, toward(5, 60 + number, 0.2)) for number in range(5)]

    result = audit(person(0, "Ada"), other)

    assert len(result.to_quarantine) <= 4


def test_two_photos_of_different_people_are_reported_and_both_kept() -> None:
    (finding,) = audit([photo("Ada", 1, toward(0, 1, 0.2)), photo("Ada", 2, toward(5, 6, 0.2))]).findings

    assert (finding.photo.photo_id, finding.reason, finding.should_quarantine) == ("Ada/2.jpg", "mixed_people", False)
    assert "another person than the other photo of Ada, such as Ada/1.jpg (1.41 apart, one person at most 0.42)" in finding.detail


def test_of_two_people_with_equally_many_photos_the_second_is_reported_and_none_is_moved() -> None:
    other = [photo("Ada", 10 + number, toward(5, 60 + number, 0.2)) for number in range(5)]

    result = audit(person(0, "Ada"), other)

    assert reasons(result) == {one.photo_id: "mixed_people" for one in other}
    assert result.to_quarantine == ()


def test_an_unused_photo_that_does_not_show_the_person_is_an_outlier() -> None:
    several = np.array([toward(5, 6, 0.2), toward(7, 8, 0.2)])
    crowd = photo("Ada", 9, None, reason="several_faces", face_embeddings=several)

    assert reasons(audit(person(0, "Ada"), [crowd])) == {"Ada/9.jpg": "outlier"}


def test_a_photo_with_several_faces_stays_when_one_of_them_is_the_person() -> None:
    several = np.array([toward(5, 6, 0.2), toward(0, 8, 0.2)])
    crowd = photo("Ada", 9, None, reason="several_faces", face_embeddings=several)

    result = audit(person(0, "Ada"), [crowd])

    assert reasons(result) == {"Ada/9.jpg": "several_faces"}
    assert result.to_quarantine == ()


@pytest.mark.parametrize("reason", ["no_face", "unreadable", "too_small"])
def test_a_photo_without_a_usable_face_is_quarantined(reason: str) -> None:
    useless = photo("Ada", 9, None, reason=reason)

    assert audit(person(0, "Ada"), [useless]).to_quarantine == (useless,)


def test_a_tiny_image_is_too_small_whatever_was_detected() -> None:
    tiny = photo("Ada", 9, None, reason="no_face", thumbnail=Thumbnail((20, 20), np.zeros((32, 32), np.float32)))

    assert reasons(audit(person(0, "Ada"), [tiny])) == {"Ada/9.jpg": "too_small"}


def test_the_copy_with_the_larger_face_is_kept() -> None:
    ada = person(0, "Ada")
    small = replace(
        ada[2], photo_id="Ada/copy.jpg", sha256="0", face_px=50, thumbnail=Thumbnail((100, 100), ada[2].thumbnail.gray)
    )

    result = audit(ada, [small])

    assert reasons(result) == {"Ada/copy.jpg": "duplicate"}
    assert result.findings[0].detail == "the same face (0.00 apart) as Ada/2.jpg"


def test_the_same_file_twice_is_a_duplicate_even_without_a_usable_face() -> None:
    turned = photo("Ada", 8, None, reason="extreme_pose")

    result = audit(person(0, "Ada"), [turned, replace(turned, photo_id="Ada/turned again.jpg")])

    assert reasons(result) == {"Ada/8.jpg": "extreme_pose", "Ada/turned again.jpg": "duplicate"}


def test_a_photo_that_matches_another_person_is_a_cross_risk() -> None:
    """It is 0.40 from its own person's center, too near to be an outlier, and 0.1 from a photo of another person."""
    ada = [photo("Ada", number, toward(0, 20 + number, 0.1)) for number in range(4)]
    between = photo("Ada", 9, toward(0, 1, 0.40))
    grace = [photo("Grace", 1, toward(0, 1, 0.50))]

    result = audit(ada, [between], grace)

    assert reasons(result) == {"Ada/9.jpg": "cross_risk"}
    assert (result.before.named_wrong, result.after.named_wrong) == (2, 0)


def between_photos_of_grace() -> list[list[PhotoAnalysis]]:
    """Return Ada's photo, nearer to the mean of Grace's two photos than to each of them."""
    left, right = toward(1, 20, 0.2), toward(1, 20, 0.2)
    right[20] *= -1
    return [[photo("Ada", 1, toward(1, 30, 0.28))], [photo("Grace", 1, left), photo("Grace", 2, right)]]


def test_a_photo_within_the_threshold_of_the_mean_of_another_person_is_a_cross_risk() -> None:
    (finding,) = audit(*between_photos_of_grace()).findings

    assert (finding.photo.name, finding.reason) == ("Grace", "cross_risk")
    assert finding.detail == "the mean of the photos of Grace is 0.28 from Ada/1.jpg of Ada, match threshold 0.32"


def test_a_person_who_resembles_many_is_a_cross_risk_only_within_the_own_threshold() -> None:
    photos = [photo for own in between_photos_of_grace() for photo in own]
    grace = toward(1, 20, 0.0)

    result = audit_photos(photos, RULE, DECISION, table_lowering(grace, 0.05))

    assert result.findings == ()
    assert (result.before.named_wrong, audit_photos(photos, RULE, DECISION).before.named_wrong) == (0, 1)


def test_pairs_are_counted_within_the_own_thresholds_of_their_people() -> None:
    photos = person(0, "Ada", photos=2)
    mean = np.mean([toward(0, sideways, 0.2) for sideways in (20, 21)], axis=0)
    lowered = audit_photos(photos, RULE, DECISION, table_lowering(mean / np.linalg.norm(mean), 0.2))

    assert audit(photos).before.genuine_within_threshold == 1
    assert lowered.before.genuine_within_threshold == 0


def test_a_persons_last_photo_is_reported_but_stays() -> None:
    result = audit([photo("Ada", 1, toward(0, 1, 0.1))], [photo("Grace", 1, toward(0, 2, 0.1))])

    assert set(reasons(result).values()) == {"cross_risk"}
    assert result.to_quarantine == ()


_embeddings = st.lists(
    st.tuples(st.sampled_from(["Ada", "Grace", "Бэлла"]), st.integers(0, 3), st.integers(4, 9), st.floats(0, 0.9)),
    min_size=1,
    max_size=14,
)


@given(_embeddings, st.randoms(use_true_random=False))
def test_the_order_of_the_photos_does_not_change_the_findings(
    rows: list[tuple[str, int, int, float]], rng: random.Random
) -> None:
    photos = [photo(name, number, toward(*position)) for number, (name, *position) in enumerate(rows)]
    shuffled = list(photos)
    rng.shuffle(shuffled)

    one, other = audit_photos(photos, RULE, DECISION), audit_photos(shuffled, RULE, DECISION)

    assert [(f.photo.photo_id, f.reason, f.detail, f.should_quarantine) for f in one.findings] == [
        (f.photo.photo_id, f.reason, f.detail, f.should_quarantine) for f in other.findings
    ]
    assert (one.before, one.after) == (other.before, other.after)


@given(_embeddings)
def test_every_person_keeps_a_photo(rows: list[tuple[str, int, int, float]]) -> None:
    photos = [photo(name, number, toward(*position)) for number, (name, *position) in enumerate(rows)]
    gone = {one.photo_id for one in audit_photos(photos, RULE, DECISION).to_quarantine}

    assert {one.name for one in photos} == {one.name for one in photos if one.photo_id not in gone}


def test_duplicates_tiny_images_and_nearly_all_strangers_are_found_in_real_galleries(test_data: Path) -> None:
    settings, tally, rng = Settings(), Tally(), random.Random(2)
    network = embedding_network(settings.identify.network)
    rule = AuditRule.for_network(network, settings.gate.min_size_px)
    decision = DecisionRule(network.threshold_l2, network.margin_l2, network.unsure_band_l2)
    with open_face_analyzer(replace(settings, gate=GateSettings.none())) as faces:
        factory = GalleryFactory(test_data / "data" / "lfw-view1" / "images", "choose", PhotoAnalyzer(faces, settings.gate))
        for _ in range(3):
            damaged = factory.gallery(rng)
            tally.add(damaged, audit_photos(damaged.photos, rule, decision))

    assert {kind: tally.planted[kind] - tally.found[kind] for kind in tally.planted if "stranger" not in kind} == dict.fromkeys(
        ["copy", "encoded again", "resized", "mirrored", "20x20"], 0
    )
    assert tally.found["stranger"] >= 2
    assert tally.lost.total() <= 0.02 * tally.good
