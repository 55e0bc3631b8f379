"""Distillation of the embedding network: a run that is killed and continued, what it learns and what it leaves."""

from __future__ import annotations

import csv
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from facecam.detection.mtcnn import Mtcnn
from facecam.embedding.embedder import Embedder, align
from facecam.embedding.nn4_small2 import create_model
from facecam.errors import TeachingError
from facecam.imageio import read_image
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.networks.keras_imagenet import assign_arrays
from facecam.settings import DetectSettings, IdentifySettings
from facecam.types import Floats, Image
from tests.training.killed_run import kill_and_resume
from tools.training.pictures import open_pictures

pytestmark = [
    pytest.mark.timeout(900),  # The first test waits for two processes that import TensorFlow, detect 500 faces and train.
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL"),
]

EPOCH = 23  # batches of 32: faces are found in 480 of the 500 photos, 462 to train on with 300 averages
OPTIONS = ["--teacher", "retail_0095", "--pictures", "500", "--batch", "32", "--steps", str(2 * EPOCH), "--checkpoint-every", "8"]


@dataclass(frozen=True)
class Run:
    """Folder of the run, its command line, and its log of steps (step, checksum of the batch, rate, loss) from both processes."""

    folder: Path
    arguments: list[str]
    killed: list[list[str]]
    resumed: list[list[str]]
    returncode: int

    @property
    def curve(self) -> list[dict[str, str]]:
        with (self.folder / "student.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def run(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Train, kill the process after its first checkpoint, and give the same command again."""
    folder = tmp_path_factory.mktemp("distilled") / "student"
    arguments = ["--data", str(test_data / "data" / "fairface-val"), "--output", str(folder), *OPTIONS]
    killed, resumed, returncode = kill_and_resume("tools.training.distill", arguments, folder, 12)
    yield Run(folder, arguments, killed, resumed, returncode)
    shutil.rmtree(folder)


def test_a_checkpoint_has_the_weights_the_mean_and_the_optimizer(tmp_path: Path) -> None:
    from tools.training.distill import Student

    chance = np.random.default_rng(0)
    first, second = Student(None, 0), Student(None, 1)
    for variable in first._variables:
        variable.assign(chance.random(variable.shape))

    first.save(tmp_path / "checkpoint", {"step": 8})

    assert second.restore(tmp_path / "checkpoint") == {"step": 8}
    pairs = zip(first._variables, second._variables, strict=True)
    assert all(np.array_equal(saved, restored) for saved, restored in pairs)
    assert len(first._variables) > len(first.model.weights) + len(first.averaged.weights)


@pytest.mark.long
def test_a_killed_run_goes_on_with_the_batch_after_its_checkpoint(run: Run) -> None:
    first = int(run.resumed[0][0])
    checksums = {step: checksum for step, checksum, _, _ in run.killed}
    repeated = [(step, checksum) for step, checksum, _, _ in run.resumed if step in checksums]

    assert run.returncode == -signal.SIGKILL
    assert first > 0
    assert first % 8 == 0
    assert [int(step) for step, *_ in run.resumed] == list(range(first, 2 * EPOCH))
    assert repeated
    assert repeated == [(step, checksums[step]) for step, _ in repeated]
    assert len({checksum for _, checksum, _, _ in run.resumed}) == len(run.resumed)


@pytest.mark.long
def test_a_continued_run_has_the_weights_and_the_optimizer_of_the_killed_one(run: Run) -> None:
    losses = {step: float(loss) for step, _, _, loss in run.killed}
    repeated = [(float(loss), losses[step]) for step, _, _, loss in run.resumed if step in losses]

    assert len(repeated) > 2
    assert [after for after, _ in repeated] == pytest.approx([before for _, before in repeated], rel=0.01)


@pytest.fixture(scope="module")
def photos(run: Run, test_data: Path) -> list[tuple[Image, Floats]]:
    """The first ten pictures of the run: photo and landmarks."""
    paths = sorted((test_data / "data" / "fairface-val").rglob("*.jpg"))
    images = [read_image(paths[number]) for number in np.random.default_rng(0).permutation(len(paths))[:20]]
    detector = Mtcnn(DetectSettings())
    detected = [(bgr, detector.detect(bgr)) for bgr in images]
    return [(bgr, faces[0].landmarks_xy) for bgr, faces in detected if faces][:10]


@pytest.mark.long
def test_the_student_sees_the_shipped_alignment(run: Run, photos: list[tuple[Image, Floats]]) -> None:
    crops = open_pictures(run.folder, Path(), "", 0, 0).plain(slice(10))

    for crop, (bgr, landmarks_xy) in zip(crops, photos, strict=True):
        shipped = align(bgr, landmarks_xy, embedding_network(DEFAULT_NETWORK).alignment)
        inside = shipped.any(axis=2)
        assert np.abs(crop[inside] - shipped[inside].astype(float)).mean() < 1


@pytest.mark.long
def test_the_targets_have_the_similarities_of_the_teacher(run: Run, photos: list[tuple[Image, Floats]]) -> None:
    targets = open_pictures(run.folder, Path(), "", 0, 0).targets[:10]
    teacher = Embedder(IdentifySettings(network=HIGH_ACCURACY_NETWORK))

    embeddings = teacher.embed([align(bgr, landmarks_xy, teacher.network.alignment) for bgr, landmarks_xy in photos])

    assert np.abs(targets @ targets.T - embeddings @ embeddings.T).max() < 0.05


@pytest.mark.long
def test_the_loss_falls_from_the_first_epoch_to_the_second(run: Run) -> None:
    first, second, *_ = run.curve

    assert float(second["loss"]) < 0.9 * float(first["loss"])


@pytest.mark.long
def test_the_result_fits_the_network_and_embeds(run: Run) -> None:
    model = create_model(None)

    assign_arrays(model, load_file(run.folder / "student.safetensors"), "the trained weights")

    embeddings = np.asarray(model(np.random.default_rng(0).random((2, 96, 96, 3), np.float32), training=False))
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert np.linalg.norm(embeddings[0] - embeddings[1]) > 0


@pytest.mark.long
def test_the_card_names_teacher_and_figures_and_shows_the_curve(run: Run) -> None:
    card = (run.folder / "student.md").read_text(encoding="utf-8")

    assert "face_reidentification_retail_0095" in card
    assert f"| validation cosine | {float(run.curve[-1]['validation_cosine']):.5g} |" in card
    assert "(student.png)" in card
    assert (run.folder / "student.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.long
def test_another_seed_in_the_folder_of_a_run_is_refused(run: Run) -> None:
    from tools.training import distill

    with pytest.raises(TeachingError, match="name another --output"):
        distill.main([*run.arguments, "--seed", "1"])
