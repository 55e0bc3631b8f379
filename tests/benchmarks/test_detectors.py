"""Peers of the detector, the figures on WIDER FACE, and the comparison of the embedding networks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import detection, embedding, peers, wider
from benchmarks.compose import VGA, Case, frame
from benchmarks.interleaved import Turns
from facecam.detection.boxes import overlap
from facecam.detection.mtcnn import Mtcnn
from facecam.settings import DetectSettings
from facecam.types import Floats

ONE_ROUND = Turns(rounds=1, warm_up=0, lead=0, rest_s=0)


def boxes(*rows: Sequence[float]) -> Floats:
    """(n, 5): x1, y1, x2, y2, score."""
    return np.array(rows, np.float32).reshape(-1, 5)


def labels(*sides: float) -> wider.Labeled:
    """Square faces with these sides, side by side, 100 px apart."""
    corners = [(100 * number, 0, 100 * number + side, side) for number, side in enumerate(sides)]
    return wider.Labeled("image", np.array(corners, np.float32), np.zeros(len(sides), np.bool_))


def test_yunet_finds_the_face_that_facecam_finds_on_the_whole_and_on_the_halved_image(test_data: Path) -> None:
    image = frame(Case(VGA, 1), 0)
    (ours,) = Mtcnn(DetectSettings()).detect(image)

    opened, absent = peers.yunets()

    assert not absent
    assert len(opened) == 2 * len(list(test_data.glob("data/peers/yunet*.onnx"))) > 0
    for detect in opened.values():
        found = detect(image)
        assert overlap(found[:, :4], np.array([ours.box.xyxy], np.float32)).max() > 0.6


def test_without_its_files_yunet_is_missing_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACECAM_TEST_DATA", raising=False)

    opened, absent = peers.yunets()

    assert opened == {}
    assert "data/peers" in absent[peers.YUNET]


def test_a_file_that_opencv_cannot_open_is_reported_and_the_others_are_measured(
    test_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data" / "peers"
    folder.mkdir(parents=True)
    (folder / "yunet_broken.onnx").write_bytes(b"no network")
    (folder / "yunet_s_dynamic.onnx").symlink_to(test_data / "data" / "peers" / "yunet_s_dynamic.onnx")
    monkeypatch.setenv("FACECAM_TEST_DATA", str(tmp_path))

    opened, absent = peers.yunets()

    assert list(opened) == ["yunet_s_dynamic", f"yunet_s_dynamic{peers.HALVED}"]
    assert "cannot open it" in absent["yunet_broken"]


def test_each_detector_runs_with_its_number_of_opencv_threads() -> None:
    before = cv2.getNumThreads()
    used: dict[str, int] = {}
    ours = detection._with_opencv_threads(lambda _: used.setdefault("facecam", cv2.getNumThreads()), 1)
    yunet = detection._with_opencv_threads(lambda _: used.setdefault("YuNet", cv2.getNumThreads()), 2)

    for detect in (ours, yunet, ours):
        detect(np.zeros((8, 8, 3), np.uint8))
    cv2.setNumThreads(before)

    assert used == {"facecam": 1, "YuNet": 2}


def test_recall_counts_valid_faces_from_a_size_once() -> None:
    twice = boxes((0, 0, 50, 50, 0.9), (1, 1, 50, 50, 0.8))

    assert wider.recall([twice], [labels(50, 60, 10)], 40) == 1 / 2


def test_the_score_for_equal_false_positives_keeps_so_many_and_no_more() -> None:
    found = boxes((0, 0, 50, 50, 0.95), *((500, 500, 560, 560, score) for score in (0.9, 0.8, 0.7)))
    image = labels(50)

    score = wider.score_for([found], [image], 40, 2)

    assert len(wider.false_scores(wider.at_least([found], score), [image], 40)) == 2
    assert wider.score_for([found], [image], 40, 3) == 0


def test_a_false_positive_below_the_size_does_not_count() -> None:
    found = boxes((500, 500, 530, 530, 0.9), (600, 600, 660, 660, 0.8))

    assert wider.false_scores([found], [labels(50)], 40).tolist() == pytest.approx([0.8])


@pytest.mark.long
def test_yunet_is_also_measured_at_the_number_of_false_positives_of_facecam(test_data: Path, tmp_path: Path) -> None:
    wider_faces = test_data / "data" / "wider"
    lines = (wider_faces / "ground_truth.txt").read_text(encoding="utf-8").splitlines()
    chosen = [label.name for label in wider.read_labels(wider_faces / "ground_truth.txt") if label.valid_from(300).any()][:2]
    rows = []
    for name in chosen:
        start = lines.index(name)
        rows += lines[start : start + 2 + max(int(lines[start + 1]), 1)]
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(wider_faces / name)
    (tmp_path / "ground_truth.txt").write_text("\n".join(rows), encoding="utf-8")

    figures = wider.measure(tmp_path)

    assert figures["pictures"] == 2
    ours = figures["detectors"]["facecam, from 20 px"]
    equal = figures["detectors"]["yunet_n_dynamic, equal false positives"]
    assert equal["false_positives_20px"] <= ours["false_positives_20px"]
    assert equal["recall_300px"] >= figures["detectors"]["yunet_n_dynamic, default score"]["recall_300px"]


def test_the_networks_are_compared_per_number_of_faces() -> None:
    crops = {network: embedding._crops(network)[:2] for network in (embedding.DEFAULT_NETWORK, embedding.HIGH_ACCURACY_NETWORK)}
    embedders = {network: embedding._embedder(network, 1, mirrored=True) for network in crops}

    default, accurate = embedding._compare_networks(embedders, crops, 2, Turns(rounds=3, warm_up=1), "mirrored")

    assert default.is_reference
    assert default.case == accurate.case == "2 faces, mirrored"
    assert accurate.times_as_fast is not None
    assert accurate.remark == f"takes {1 / accurate.times_as_fast:.2f} times as long"
