"""Training of the expression network: its targets, batches and framing, and a run that is killed and continued."""

from __future__ import annotations

import csv
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from safetensors.numpy import load_file

from facecam.detection.mtcnn import Mtcnn
from facecam.errors import TeachingError
from facecam.expression.network import create_network
from facecam.expression.reader import FRAME_XY, frame_gray
from facecam.imageio import read_image
from facecam.networks.keras_imagenet import assign_arrays
from facecam.settings import DetectSettings
from tests.training.killed_run import kill_and_resume
from tools.training import expression
from tools.training.expression import FRAMINGS, Faces, Training, distort, face_landmarks, read_faces
from tools.training.run import restore_checkpoint, save_checkpoint

VOTES = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "not_a_face"]
"""Columns of FER+. A test of a few steps writes the faces of its own: smooth noise, in which no face is detected."""


def write_faces(path: Path, votes: np.ndarray) -> Path:
    """Write a training set with these votes (n, 10), one smooth image each."""
    noise = np.random.default_rng(0).integers(0, 256, (len(votes), 12, 12), np.uint8)
    gray = np.stack([cv2.resize(one, (48, 48), interpolation=cv2.INTER_LINEAR) for one in noise])
    np.savez(path, gray=gray, votes=votes.astype(np.uint8), columns=np.array(VOTES))
    return path


def voted(**votes: int) -> list[int]:
    """Return a row of votes."""
    return [votes.get(name, 0) for name in VOTES]


def numbered(count: int, trained: int) -> Faces:
    """Return faces whose first target is their number."""
    gray = np.random.default_rng(1).integers(0, 256, (count, 48, 48), np.uint8)
    targets = np.zeros((count, 8), np.float32)
    targets[:, 0] = np.arange(count)
    return Faces(gray, targets, np.zeros(count, np.intp), np.full((count, 2, 3), np.nan, np.float32), trained)


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Faces:
    """120 faces: 40 happy with a stray vote, 40 sad or neutral, 20 in contempt, 20 that are not faces or unknown."""
    folder = tmp_path_factory.mktemp("faces")
    rows = [voted(happiness=9, fear=1)] * 40 + [voted(sadness=5, neutral=5)] * 40 + [voted(contempt=6, anger=4)] * 40
    rows += [voted(not_a_face=10)] * 10 + [voted(unknown=9, happiness=1)] * 10
    return read_faces(write_faces(folder / "faces.npz", np.array(rows)), folder, 1000, seed=0)


def test_targets_are_shares_of_votes_without_single_ones_and_unknown_faces_are_left_out(faces: Faces) -> None:
    assert len(faces.gray) == 120
    rows, counts = np.unique(faces.targets, axis=0, return_counts=True)
    assert counts.tolist() == [40, 40, 40]
    sad_or_neutral, happy, contempt_or_angry = ([0, 0, 0, 0, 0.5, 0, 0.5, 0], [0, 0, 0, 1, 0, 0, 0, 0], [0.4] + [0] * 6 + [0.6])
    assert rows == pytest.approx(np.array([sad_or_neutral, happy, contempt_or_angry]))


def test_the_majority_is_one_of_seven_classes_with_more_than_five_votes(faces: Faces) -> None:
    is_happy, other = faces.targets[:, 3] > 0.9, faces.targets[:, 3] < 0.1

    assert (faces.majority[is_happy] == 3).all()
    assert (faces.majority[other] == -1).all()


def test_too_few_faces_are_refused(tmp_path: Path) -> None:
    data = write_faces(tmp_path / "few.npz", np.array([voted(happiness=9)] * 20))

    with pytest.raises(TeachingError, match="has votes for 20 faces, too few to train on"):
        read_faces(data, tmp_path, 1000, seed=0)


@pytest.mark.parametrize(
    "changed",
    [
        {"votes": np.ones((150, 3), np.uint8)},
        {"columns": np.array(["x"] * 10)},
        {"columns": np.array(VOTES, dtype=object)},
        {"gray": np.zeros((149, 48, 48), np.uint8)},
        {"gray": np.zeros((150, 48, 48), np.float32)},
    ],
)
def test_other_arrays_are_refused(tmp_path: Path, changed: dict[str, np.ndarray]) -> None:
    right = {"gray": np.zeros((150, 48, 48), np.uint8), "votes": np.full((150, 10), 9, np.uint8), "columns": np.array(VOTES)}
    np.savez(tmp_path / "other.npz", **{**right, **changed})

    with pytest.raises(TeachingError, match=r"other\.npz"):
        read_faces(tmp_path / "other.npz", tmp_path, 1000, seed=0)


def test_a_missing_training_set_and_another_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("no arrays")

    with pytest.raises(TeachingError, match="cannot be read: No such file"):
        read_faces(tmp_path / "none.npz", tmp_path, 1000, seed=0)
    with pytest.raises(TeachingError, match="does not have FER"):
        read_faces(tmp_path / "text.npz", tmp_path, 1000, seed=0)


def test_a_step_of_more_faces_than_there_are_is_refused(tmp_path: Path) -> None:
    data = write_faces(tmp_path / "faces.npz", np.array([voted(happiness=9)] * 100))

    with pytest.raises(TeachingError, match="1000 faces in a step"):
        expression.main(["--data", str(data), "--output", str(tmp_path / "run"), "--batch", "1000"])


def test_framings_are_prepared_once(faces: Faces, tmp_path: Path) -> None:
    data = write_faces(tmp_path / "faces.npz", np.array([voted(happiness=9)] * 100))
    prepared = read_faces(data, tmp_path, 1000, seed=0)
    before = (tmp_path / FRAMINGS).stat().st_mtime_ns

    again = read_faces(data, tmp_path, 1000, seed=0)

    assert (tmp_path / FRAMINGS).stat().st_mtime_ns == before
    assert np.array_equal(prepared.framings, again.framings, equal_nan=True)


def test_seed_and_step_decide_a_batch() -> None:
    one, same = numbered(40, 36), numbered(40, 36)

    inputs, targets = one.batch(3, 8, seed=5)

    assert inputs.shape == (8, 48, 48, 1)
    assert np.array_equal(inputs, same.batch(3, 8, seed=5)[0])
    assert np.array_equal(targets, same.batch(3, 8, seed=5)[1])
    for step, seed in ((4, 5), (3, 6)):
        assert not np.array_equal(inputs, one.batch(step, 8, seed)[0])


def test_an_epoch_has_each_face_once_and_none_of_validation() -> None:
    faces = numbered(40, 32)

    for epoch in range(3):
        numbers = np.concatenate([faces.batch(4 * epoch + place, 8, seed=0)[1][:, 0] for place in range(4)])
        assert sorted(numbers) == list(range(32))


def test_half_of_the_batches_faces_have_the_framing_of_live_video() -> None:
    """The framing moves a bright spot by 16 pixels, far more than the random shift, rotation and scale do."""
    gray = np.zeros((48, 48), np.uint8)
    gray[22:26, 22:26] = 255
    down = np.array([[1, 0, 0], [0, 1, 16]], np.float32)
    chance = np.random.default_rng(0)

    def center_y(framing: np.ndarray) -> float:
        rows = distort(gray, framing, chance).sum(axis=1).astype(float)
        return float((rows * np.arange(48)).sum() / rows.sum())

    moved = [center_y(down) > 31 for _ in range(200)]

    assert 70 < sum(moved) < 130
    assert not any(center_y(np.full((2, 3), np.nan, np.float32)) > 31 for _ in range(50))


def test_the_landmarks_of_a_framed_face_are_found(portraits: dict[str, Path]) -> None:
    detector = Mtcnn(DetectSettings())
    bgr = read_image(portraits["eileen_collins"])
    (face,) = detector.detect(bgr)

    found = face_landmarks(frame_gray(bgr, face.landmarks_xy), detector)

    assert found is not None
    assert np.abs(found - FRAME_XY).max() < 3
    assert face_landmarks(np.full((48, 48), 90, np.uint8), detector) is None


@pytest.fixture
def eager() -> Iterator[None]:
    """Run TensorFlow's functions step by step: compiling them takes longer than a few steps."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.usefixtures("eager")
def test_a_restored_training_goes_on_with_the_same_losses(faces: Faces, tmp_path: Path) -> None:
    first, second, third = (faces.batch(number, 4, seed=0) for number in range(3))
    training = Training(seed=0, steps=20)
    training.step(0, *first)
    training.save(tmp_path / "checkpoint", {"step": 1})
    restored = Training(seed=0, steps=20)

    state = restored.restore(tmp_path / "checkpoint")

    assert state == {"step": 1}
    assert np.array_equal(restored.logits(first[0]), training.logits(first[0]))
    expected = [training.step(1, *second), training.step(2, *third)]
    assert [restored.step(1, *second), restored.step(2, *third)] == pytest.approx(expected, rel=1e-3)


def test_a_checkpoint_restores_every_variable_and_the_state(tmp_path: Path) -> None:
    import keras

    saved = [keras.Variable(np.full(shape, number, np.float32)) for number, shape in enumerate([(2, 3), (4,), ()])]
    restored = [keras.Variable(np.zeros(variable.shape, np.float32)) for variable in saved]

    save_checkpoint(tmp_path / "checkpoint", saved, {"step": 9, "curve": [{"loss": 0.5}]})

    assert restore_checkpoint(tmp_path / "checkpoint", restored) == {"step": 9, "curve": [{"loss": 0.5}]}
    assert all(np.array_equal(np.asarray(one), np.asarray(other)) for one, other in zip(saved, restored, strict=True))


def test_other_options_in_the_folder_of_a_run_are_refused(tmp_path: Path) -> None:
    (tmp_path / "options.json").write_text('{"data": "other.npz"}', encoding="utf-8")

    with pytest.raises(TeachingError, match="name another --output"):
        expression.main(["--data", "faces.npz", "--output", str(tmp_path)])


@pytest.mark.long
@pytest.mark.timeout(900)  # Waits for two processes that import TensorFlow, detect 400 faces and train.
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_run_goes_on_with_the_batch_after_its_checkpoint(test_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    arguments = ["--data", str(test_data / "data" / "ferplus-train.npz"), "--output", str(folder)]
    options = ["--faces", "400", "--batch", "30", "--epochs", "3", "--checkpoint-every", "5"]
    killed, resumed, returncode = kill_and_resume("tools.training.expression", [*arguments, *options], folder, 8)

    checksums = {step: checksum for step, checksum, _ in killed}
    repeated = [(step, checksum) for step, checksum, _ in resumed if step in checksums]
    assert returncode == -signal.SIGKILL
    assert int(resumed[0][0]) > 0
    assert int(resumed[0][0]) % 5 == 0
    assert [int(step) for step, *_ in resumed] == list(range(int(resumed[0][0]), 36))
    assert repeated
    assert repeated == [(step, checksums[step]) for step, _ in repeated]
    with (folder / "small.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 3
    assign_arrays(create_network(), load_file(folder / "small.safetensors"), "the trained weights")
    assert (folder / "small.png").read_bytes().startswith(b"\x89PNG")
