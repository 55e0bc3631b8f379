"""False match rates by groups of people: labels, rates, ranking, and galleries of people of one kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from facecam.errors import ImageError
from facecam.evaluation import groups
from facecam.evaluation.groups import GroupRate, GroupReport, LabeledFaces, LabeledImage
from facecam.networks.embedding_networks import DEFAULT_NETWORK
from facecam.recognition.open_set import load_distance_table
from facecam.settings import Settings
from facecam.types import Floats

LENGTH = 128


def image(group: str, age: str = "30-39", gender: str = "Female") -> LabeledImage:
    return LabeledImage(Path("1.jpg"), age, gender, group)


def alike(count: int, seed: int) -> Floats:
    """Return people who are all within every threshold of each other, and far from those of other seeds."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=LENGTH) + 0.05 * rng.normal(size=(count, LENGTH))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def apart(count: int) -> Floats:
    """Return people at right angles."""
    return np.eye(LENGTH, dtype=np.float32)[:count]


def report(images: Sequence[LabeledImage], embeddings: Floats, enrolled: int = 10) -> GroupReport:
    faces = LabeledFaces(images, np.arange(len(images)), {DEFAULT_NETWORK: embeddings})
    return groups.evaluate(faces, DEFAULT_NETWORK, enrolled, 0.01)


def rate_of(found: GroupReport, label: str, value: str) -> GroupRate:
    (rate,) = [rate for rate in found.rates if (rate.label, rate.value) == (label, value)]
    return rate


def write_labels(folder: Path, *lines: str) -> Path:
    (folder / "labels.csv").write_text("\n".join(["image,age,gender,group", *lines]) + "\n", encoding="utf-8")
    return folder


def test_a_part_takes_every_nth_row_from_its_first_on(tmp_path: Path) -> None:
    write_labels(tmp_path, *(f"{number}.jpg,20-29,Male,White" for number in range(1, 9)))

    assert [image.path.name for image in groups.read_labels(tmp_path, (2, 3))] == ["2.jpg", "5.jpg", "8.jpg"]


def test_labels_that_a_spreadsheet_saved_are_read(tmp_path: Path) -> None:
    table = write_labels(tmp_path, "1.jpg,20-29,Male,White") / "labels.csv"
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes().replace(b"\n", b"\r\n"))

    (labeled,) = groups.read_labels(tmp_path)

    assert (labeled.path.name, labeled.group) == ("1.jpg", "White")


@pytest.mark.parametrize("line", ["3.jpg,20-29,Male", "3.jpg,adult,Male,White", ",20-29,Male,White"])
def test_a_malformed_line_of_the_labels_is_named(tmp_path: Path, line: str) -> None:
    write_labels(tmp_path, "1.jpg,20-29,Male,White", line)

    with pytest.raises(ImageError, match=r"labels\.csv, line 3: expected image, age, gender, group with an age in years, got"):
        groups.read_labels(tmp_path)


def test_an_image_without_a_usable_face_is_not_a_person(portraits: dict[str, Path]) -> None:
    names = ("grace_hopper", "cat", "eileen_collins")
    images = [LabeledImage(portraits[name], "30-39", "Female", "White") for name in names]

    faces = groups.embed_images(images, [DEFAULT_NETWORK], Settings(), lambda done, total: None)

    assert faces.usable.tolist() == [0, 2]
    assert faces.embeddings[DEFAULT_NETWORK].shape == (2, LENGTH)


def test_fewer_than_two_faces_are_refused(portraits: dict[str, Path]) -> None:
    images = [LabeledImage(portraits[name], "30-39", "Female", "White") for name in ("grace_hopper", "cat")]

    with pytest.raises(ImageError, match="2 images contain 1 usable faces; two are needed"):
        groups.embed_images(images, [DEFAULT_NETWORK], Settings(), lambda done, total: None)


def test_a_rate_counts_only_pairs_of_people_with_the_same_value() -> None:
    """Each East Asian person here resembles one White person and no one else."""
    images = [image("East Asian")] * 5 + [image("White")] * 5

    found = report(images, np.concatenate([apart(5), apart(5)]))

    assert rate_of(found, "group", "White").false_match_rate == 0
    assert rate_of(found, "all", "people").false_match_rate == pytest.approx(5 / 45)


def test_without_a_match_the_interval_ends_at_three_in_the_number_of_pairs() -> None:
    rate = rate_of(report([image("White")] * 20, apart(20)), "group", "White")

    assert (rate.pairs, rate.low, rate.high) == (190, 0, pytest.approx(3 / 190))


def test_the_interval_of_a_rate_contains_it_and_narrows_with_more_people() -> None:
    small, large = (
        rate_of(report([image("White")] * 2 * half, np.concatenate([alike(half, 1), apart(half)])), "group", "White")
        for half in (10, 40)
    )

    for rate in (small, large):
        assert rate.low is not None
        assert rate.high is not None
        assert rate.false_match_rate is not None
        assert rate.low < rate.false_match_rate < rate.high
    assert (large.high or 0) - (large.low or 0) < (small.high or 0) - (small.low or 0)


def test_people_in_a_crowded_part_of_the_cohort_match_less_often_than_with_one_threshold_for_everybody() -> None:
    cohort = load_distance_table(DEFAULT_NETWORK).cohort.astype(np.float32)
    center = int(np.sort(cohort @ cohort.T, axis=1)[:, -20:].mean(axis=1).argmax())
    crowd = cohort[np.argsort(cohort @ cohort[center])[-40:]]

    rate = rate_of(report([image("White")] * 40, crowd), "group", "White")

    assert rate.uncorrected_rate is not None
    assert rate.false_match_rate is not None
    assert rate.threshold_l2 is not None
    assert rate.false_match_rate < rate.uncorrected_rate / 2
    assert rate.threshold_l2 < report([image("White")] * 40, crowd).threshold_l2


def test_groups_among_adults_leave_minors_out() -> None:
    images = [image("White", "10-19")] * 3 + [image("White", "20-29")] * 4 + [image("White", "more than 70")] * 2

    found = report(images, apart(9))

    assert rate_of(found, "group", "White").people == 9
    assert rate_of(found, "group, adults", "White").people == 6


def test_ages_are_in_ascending_order() -> None:
    ages = ("more than 70", "10-19", "3-9", "0-2")

    found = report([image("White", age) for age in ages for _ in range(2)], apart(8))

    assert [rate.value for rate in found.rates if rate.label == "age"] == ["0-2", "3-9", "10-19", "more than 70"]


def test_a_value_of_few_people_is_neither_ranked_nor_part_of_the_mean() -> None:
    images = [image("White")] * 32 + [image("Black")] * 32 + [image("Indian")] * 5
    embeddings = np.concatenate([alike(2, 1), apart(30), alike(4, 2), apart(58)[30:58], alike(5, 3)])

    found = report(images, embeddings)

    white, black, indian = (rate_of(found, "group", value) for value in ("White", "Black", "Indian"))
    assert white.ratio == pytest.approx(2 * 1 / (1 + 6))
    assert black.ratio == pytest.approx(2 * 6 / (1 + 6))
    assert (indian.ranked, indian.false_match_rate) == (False, 1)
    assert "works worst for group Black" in found.summary
    assert "Higher rates, but of fewer than 30 people: group Indian (100.00 % of pairs match" in found.summary


def test_a_match_of_few_people_has_no_ratio_where_nobody_else_matches() -> None:
    images = [image("White")] * 30 + [image("Black")] * 30 + [image("Indian", gender="Male")] * 5

    found = report(images, np.concatenate([apart(60), alike(5, 1)]))

    assert rate_of(found, "group", "Indian").ratio is None
    assert "Higher rates, but of fewer than 30 people: group Indian (100.00 % of pairs match), 5 people" in found.summary


def test_values_are_ranked_when_all_have_few_people() -> None:
    images = [image("White")] * 5 + [image("Black")] * 5

    found = report(images, np.concatenate([alike(5, 1), apart(5)]))

    assert "works worst for group White (100.00 % of pairs match, 2.0 times the mean)" in found.summary


@pytest.mark.parametrize("same", [True, False])
def test_the_summary_says_that_no_one_matches(same: bool) -> None:
    """No value of a label has two people, or has two who match."""
    labels = [("White", "3-9", "Female"), ("Black", "20-29", "Male")]

    found = report([image(*labels[0 if same else number]) for number in range(2)], apart(2))

    assert found.summary == "nn4.small2: no two people of the same group, gender or age match."


def test_a_value_with_one_person_has_no_rate() -> None:
    found = report([image("White"), image("Black"), image("Black")], np.concatenate([apart(1), alike(2, 1)]))

    alone = rate_of(found, "group", "White")
    assert (alone.people, alone.false_match_rate, alone.low, alone.ratio) == (1, None, None, None)
    assert "works worst for group Black" in found.summary


def test_strangers_who_resemble_an_enrolled_person_get_a_name() -> None:
    """Two of forty are alike: one is a stranger while the other is enrolled in half of the galleries of twenty."""
    embeddings = np.concatenate([alike(2, 1), apart(38)])

    rate = rate_of(report([image("White")] * 40, embeddings, enrolled=20), "group", "White")

    assert rate.strangers_named == pytest.approx(0.5 / 20, rel=0.3)


def test_galleries_are_not_drawn_from_too_few_people() -> None:
    found = report([image("White")] * 20 + [image("Black")] * 19, apart(39))

    assert rate_of(found, "group", "White").strangers_named == 0
    assert rate_of(found, "group", "Black").strangers_named is None
