"""Evaluation on LFW: pair lists, figures, and images without a face."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from facecam.cli.main import application
from facecam.errors import ImageError
from facecam.evaluation import lfw
from facecam.evaluation.lfw import LfwPair, LfwPhoto
from facecam.imageio import read_image, write_image
from facecam.recognition.face_analyzer import FaceAnalyzer, open_face_analyzer
from facecam.settings import GateSettings, Settings
from facecam.types import Floats

Embeddings = dict[LfwPhoto, Floats | None]


def write_list(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pairs.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_of_view_1_has_one_fold(tmp_path: Path) -> None:
    pairs = lfw.read_pairs(write_list(tmp_path, "1\nAda\t1\t2\nAda\t1\tGrace\t3\n"))

    assert pairs == [LfwPair(LfwPhoto("Ada", 1), LfwPhoto("Ada", 2), 0), LfwPair(LfwPhoto("Ada", 1), LfwPhoto("Grace", 3), 0)]
    assert [pair.same for pair in pairs] == [True, False]


def test_a_list_of_view_2_counts_its_folds(tmp_path: Path) -> None:
    fold = "Ada\t1\t2\nGrace\t1\t2\nAda\t1\tGrace\t3\nAda\t2\tGrace\t1\n"

    pairs = lfw.read_pairs(write_list(tmp_path, "3\t2\n" + fold * 3))

    assert [pair.fold for pair in pairs] == [0] * 4 + [1] * 4 + [2] * 4


def test_blank_lines_are_ignored(tmp_path: Path) -> None:
    assert len(lfw.read_pairs(write_list(tmp_path, "1\nAda\t1\t2\nAda\t1\tGrace\t3\n\n\n"))) == 2


@pytest.mark.parametrize(("header", "announced"), [("2", 4), ("10\t300", 6000)])
def test_a_truncated_list_is_refused(tmp_path: Path, header: str, announced: int) -> None:
    with pytest.raises(ImageError, match=rf"announces {announced} pairs but lists 3; is it truncated\?"):
        lfw.read_pairs(write_list(tmp_path, f"{header}\nAda\t1\t2\nAda\t1\t3\nAda\t1\tGrace\t3\n"))


@pytest.mark.parametrize("wrong", ["Ada\t1", "Ada\tone\ttwo", "Ada\t1\tGrace\tfour", "Ada 1 2 Grace"])
def test_a_malformed_line_is_named(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ImageError, match=r"pairs\.txt, line 3: expected 'name n n' or 'name n name n', got Ada"):
        lfw.read_pairs(write_list(tmp_path, f"1\nAda\t1\t2\n{wrong}\n"))


@pytest.mark.parametrize("text", ["", "pairs\n", "Ada\t1\t2\n"])
def test_a_file_without_a_header_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ImageError, match="not a list of pairs"):
        lfw.read_pairs(write_list(tmp_path, text))


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"nowhere\.txt cannot be read"):
        lfw.read_pairs(tmp_path / "nowhere.txt")


def synthetic_set(people: int = 20) -> tuple[list[LfwPair], Embeddings]:
    """Two alike images of each person, people at right angles, a pair of one and a pair of two for each."""
    names = [f"P{number:02d}" for number in range(people)]
    embeddings: Embeddings = {
        LfwPhoto(name, number): np.eye(128, dtype=np.float32)[place] for place, name in enumerate(names) for number in (1, 2)
    }
    same = [LfwPair(LfwPhoto(name, 1), LfwPhoto(name, 2), 0) for name in names]
    others = [LfwPair(LfwPhoto(a, 1), LfwPhoto(b, 1), 0) for a, b in zip(names, [*names[1:], names[0]], strict=True)]
    return [*same, *others], embeddings


def test_well_separated_people_are_all_correct() -> None:
    report = lfw.evaluate(*synthetic_set(), train=None)

    assert (report.accuracy, report.accuracy_std, report.auc, report.undetected) == (1, 0, 1, 0)
    assert 0 < report.threshold_l2 < 2**0.5
    assert (report.tar_at_far_001, report.tar_at_far_0001) == (1, 1)


@pytest.mark.parametrize("with_train", [True, False])
def test_an_image_without_a_face_makes_its_pairs_wrong(with_train: bool) -> None:
    """The first image of the first person stands in one pair of one person, and in two pairs of two."""
    pairs, embeddings = synthetic_set()
    embeddings[LfwPhoto("P00", 1)] = None
    train = synthetic_set()[0] if with_train else None
    unharmed = [pair for pair in train or [] if LfwPhoto("P00", 1) not in (pair.a, pair.b)]

    report = lfw.evaluate(pairs, embeddings, unharmed if with_train else None)

    assert report.undetected == 1
    assert report.accuracy == pytest.approx(37 / 40)
    assert report.auc < 1
    assert report.tar_at_far_001 == pytest.approx(19 / 20)


def test_a_pair_of_two_people_without_a_face_is_wrong_at_every_threshold() -> None:
    embeddings: Embeddings = {LfwPhoto("Ada", 1): None, LfwPhoto("Grace", 1): None}
    other = LfwPair(LfwPhoto("Ada", 1), LfwPhoto("Grace", 1), 0)

    distances, same = lfw.distances([other], embeddings)

    assert not same[0]
    assert distances[0] < 0


def test_the_threshold_comes_from_the_training_pairs() -> None:
    pairs, embeddings = synthetic_set()
    near = np.eye(128, dtype=np.float32)[100]
    far = (near + 0.5 * np.eye(128, dtype=np.float32)[101]) / np.sqrt(1.25, dtype=np.float32)
    embeddings |= {LfwPhoto("Ada", 1): near, LfwPhoto("Ada", 2): near, LfwPhoto("Eve", 1): far}
    train = [LfwPair(LfwPhoto("Ada", 1), LfwPhoto("Ada", 2), 0), LfwPair(LfwPhoto("Ada", 1), LfwPhoto("Eve", 1), 0)]

    report = lfw.evaluate(pairs, embeddings, train)

    assert report.threshold_l2 == pytest.approx(float(np.linalg.norm(near - far)) / 2)


@pytest.fixture(scope="module")
def analyzer() -> FaceAnalyzer:
    return open_face_analyzer(Settings(gate=GateSettings.none()))


def test_the_face_nearest_to_the_center_counts(analyzer: FaceAnalyzer, portraits: dict[str, Path], tmp_path: Path) -> None:
    """Grace Hopper's face is in the center; Eileen Collins's next to it is larger."""
    eileen, grace = read_image(portraits["eileen_collins"]), read_image(portraits["grace_hopper"])
    small = cv2.resize(grace, None, fx=0.5, fy=0.5)
    wide = np.zeros((700, 1200, 3), np.uint8)
    wide[: eileen.shape[0], : min(eileen.shape[1], 450)] = eileen[:, :450]
    wide[200 : 200 + small.shape[0], 470 : 470 + small.shape[1]] = small
    for name, bgr in (("Both", wide), ("Eileen", eileen), ("Grace", grace)):
        (tmp_path / name).mkdir()
        write_image(LfwPhoto(name, 1).path(tmp_path), np.asarray(bgr, np.uint8))

    found = lfw.embed_photos(
        [LfwPhoto(name, 1) for name in ("Both", "Eileen", "Grace")], tmp_path, analyzer, lambda done, total: None
    )

    both, alone, her = (found[LfwPhoto(name, 1)] for name in ("Both", "Eileen", "Grace"))
    assert both is not None
    assert alone is not None
    assert her is not None
    assert np.linalg.norm(both - her) < 0.5 < np.linalg.norm(both - alone)


def test_an_image_of_a_cat_has_no_face(analyzer: FaceAnalyzer, portraits: dict[str, Path], tmp_path: Path) -> None:
    photo = LfwPhoto("Chelsea", 1)
    (tmp_path / "Chelsea").mkdir()
    photo.path(tmp_path).write_bytes(portraits["cat"].read_bytes())
    progress: list[tuple[int, int]] = []

    found = lfw.embed_photos([photo, photo], tmp_path, analyzer, lambda done, total: progress.append((done, total)))

    assert found == {photo: None}
    assert progress == [(1, 1)]


def test_a_missing_image_is_named(analyzer: FaceAnalyzer, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"Ada_0007\.jpg cannot be read"):
        lfw.embed_photos([LfwPhoto("Ada", 7)], tmp_path, analyzer, lambda done, total: None)


@pytest.mark.long
@pytest.mark.timeout(1800)  # 5,000 images: two minutes on two idle cores
@pytest.mark.parametrize(("network", "accuracy", "tar"), [("nn4.small2", 0.970, 0.845), ("high-accuracy", 0.990, 0.975)])
def test_on_lfw_view_1_a_network_reaches_its_figures(
    test_data: Path, tmp_path: Path, network: str, accuracy: float, tar: float
) -> None:
    folder, written = test_data / "data" / "lfw-view1", tmp_path / "figures.json"
    lists = ["--pairs", str(folder / "pairsDevTest.txt"), "--train-pairs", str(folder / "pairsDevTrain.txt")]
    options = [*lists, "--network", network, "--json", str(written)]

    result = CliRunner().invoke(application("evaluate"), ["evaluate", "lfw", str(folder / "images"), *options])

    assert result.exit_code == 0, result.output
    figures = json.loads(written.read_text(encoding="utf-8"))
    assert figures["pairs"] == 1000
    assert figures["accuracy"] >= accuracy
    assert figures["tar_at_far_0.001"] >= tar
