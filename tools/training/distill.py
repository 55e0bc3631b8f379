"""Train nn4.small2 to reproduce a stronger network's embeddings; the same command resumes. See docs/internals/training.md."""

from __future__ import annotations

import argparse
import math
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import save

from facecam.embedding.nn4_small2 import create_model
from facecam.errors import FacecamError
from facecam.evaluation.lfw import evaluate, read_faces, read_pairs
from facecam.fileio import write_atomic
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK
from facecam.networks.keras_imagenet import load_keras, network_variables
from facecam.networks.manifest import entries
from facecam.objects.taught import unit_rows
from facecam.recognition.face_analyzer import FaceAnalyzer
from facecam.settings import GateSettings, Settings
from facecam.types import Floats, Image
from tools.training.curve import draw_curve
from tools.training.pictures import Pictures, open_pictures
from tools.training.run import CHECKPOINT, STEPS, open_run, restore_checkpoint, save_checkpoint, update_mean

load_keras()  # Without its output.
import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

RATE, WARM_UP_SHARE, FROZEN_SHARE = 1e-3, 0.02, 0.55
PAIR_WEIGHT, CONTRAST_WEIGHT, CONTRAST_SCALE = 4.0, 0.05, 20.0
RIDGE, REFIT_PICTURES, CHANGEABLE = 30.0, 6000, ("output", "lfw", "checkpoint_every")


class Student:
    """nn4.small2 in training. `averaged` is a second network with the exponential mean of its weights, which is the result."""

    def __init__(self, start: str | None, seed: int) -> None:
        keras.utils.set_random_seed(seed)
        self.model, self.averaged = create_model(start), create_model(None)
        self.averaged.set_weights(self.model.get_weights())
        self._optimizer = keras.optimizers.AdamW(weight_decay=5e-4, beta_1=0.9, beta_2=0.99, global_clipnorm=2.0)
        self._optimizer.build(self.model.trainable_variables)
        self._variables = [*self.model.weights, *self.averaged.weights, *self._optimizer.variables]
        self._compiled: dict[bool, Any] = {}

    def refit(self, crops_rgb: Image, targets: Floats) -> None:
        """Fit the last layer to targets (n, 128) of crops (n, 96, 96, 3) uint8, by ridge regression on centered features."""
        features = _run(keras.Model(self.model.input, self.model.get_layer("average_pool").output), crops_rgb)
        center, target = features.mean(axis=0), targets.mean(axis=0)
        moment = (features - center).T @ (features - center) + RIDGE * np.eye(len(center))
        kernel = np.linalg.solve(moment, (features - center).T @ (targets - target))
        for model in (self.model, self.averaged):
            model.get_layer("dense").set_weights([kernel, target - center @ kernel])

    def step(self, crops: Floats, targets: Floats, others: Floats, *, rate: float, frozen: bool) -> float:
        """Train one step and return its loss. `others` (m, 128) are targets to contrast with; `frozen` keeps conv1 to conv3."""
        if frozen not in self._compiled:
            for name in ("conv1", "bn1", "conv2", "bn2", "conv3", "bn3"):
                self.model.get_layer(name).trainable = not frozen
            self._compiled[frozen] = tf.function(self._step)
        self._optimizer.learning_rate.assign(rate)
        return float(self._compiled[frozen](crops, targets, others))

    def _step(self, crops: Any, targets: Any, others: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = distillation_loss(self.model(crops, training=True), targets, others)
        variables = self.model.trainable_variables
        self._optimizer.apply(tape.gradient(loss, variables), variables)
        update_mean(self.averaged, self.model, self._optimizer.iterations)
        return loss

    def embed(self, crops_rgb: Image) -> Floats:
        """Return (n, 128) mirrored embeddings by the averaged network of crops (n, 96, 96, 3) uint8."""
        return unit_rows(_run(self.averaged, crops_rgb) + _run(self.averaged, crops_rgb[:, :, ::-1]))

    def save(self, path: Path, state: dict[str, Any]) -> None:
        """Write everything that the next step needs, with `state` as JSON, into one file, atomically."""
        save_checkpoint(path, self._variables, state)

    def restore(self, path: Path) -> dict[str, Any]:
        """Continue from a checkpoint and return its state."""
        return restore_checkpoint(path, self._variables)


def distillation_loss(embeddings: Any, targets: Any, others: Any) -> Any:
    """Return the loss of (n, 128) embeddings: distance to the targets, similarities of pairs, and confusion with others."""
    cosine = keras.ops.sum(embeddings * targets, axis=1)
    pairs = keras.ops.matmul(embeddings, keras.ops.transpose(embeddings)) - keras.ops.matmul(
        targets, keras.ops.transpose(targets)
    )
    own, other = CONTRAST_SCALE * cosine, CONTRAST_SCALE * keras.ops.matmul(embeddings, keras.ops.transpose(others))
    is_own = keras.ops.matmul(targets, keras.ops.transpose(others)) > 0.9999
    confusion = keras.ops.logaddexp(own, keras.ops.logsumexp(keras.ops.where(is_own, -1e9, other), axis=1)) - own
    return (
        keras.ops.mean(1 - cosine)
        + PAIR_WEIGHT * keras.ops.mean(keras.ops.square(pairs))
        + CONTRAST_WEIGHT * keras.ops.mean(confusion)
    )


def _run(network: Any, crops_rgb: Image) -> Floats:
    chunks = (crops_rgb[start : start + 256].astype(np.float32) / 255 for start in range(0, len(crops_rgb), 256))
    return np.concatenate([network(chunk, training=False) for chunk in chunks])


def train(options: argparse.Namespace) -> None:
    """Prepare the pictures, train from the last checkpoint or from the start, and write arrays, curve and card."""
    folder, size, has_start = options.output, options.batch, options.start != "none"
    open_run(folder, options, CHANGEABLE)
    pictures = open_pictures(folder, options.data, options.teacher, options.pictures, options.seed)
    view1 = None if options.lfw is None else _view1(options.lfw)
    student = Student(options.start if has_start else None, options.seed)
    state: dict[str, Any] = {"step": 0, "seconds": 0.0, "done": 0.0, "losses": [], "curve": []}
    if (folder / CHECKPOINT).exists():
        state = student.restore(folder / CHECKPOINT)
    elif has_start:
        refitted = slice(min(pictures.trained, REFIT_PICTURES))
        student.refit(pictures.plain(refitted), pictures.targets[refitted])
    with ThreadPoolExecutor(1) as pool, (folder / STEPS).open("a", encoding="utf-8", buffering=1) as log:
        coming = pool.submit(pictures.batch, state["step"], size, options.seed)
        while (done := state["done"]) < 1:
            began = time.monotonic()
            crops, targets, others = coming.result()
            coming = pool.submit(pictures.batch, state["step"] + 1, size, options.seed)
            rate = RATE * min(1, done / WARM_UP_SHARE) * (1 + math.cos(math.pi * done)) / 2
            loss = student.step(crops, targets, others, rate=rate, frozen=has_start and done < FROZEN_SHARE)
            log.write(f"{state['step']},{zlib.crc32(crops.tobytes())},{rate:.6f},{loss:.6f}\n")
            state["losses"].append(loss)
            state["step"] += 1
            state["seconds"] += time.monotonic() - began
            state["done"] = state["step"] / options.steps if options.steps else state["seconds"] / (3600 * options.hours)
            if epoch_ends := state["step"] % (pictures.trained // size) == 0 or state["done"] >= 1:
                row = {"pictures_seen": state["step"] * size, "loss": float(np.mean(state["losses"]))}
                row |= _figures(student, pictures, view1)
                state |= {"curve": [*state["curve"], row], "losses": []}
                print(", ".join(f"{name} {value:.5g}" for name, value in row.items()), flush=True)
            if epoch_ends or state["step"] % options.checkpoint_every == 0:
                student.save(folder / CHECKPOINT, state)
    _write_result(student, pictures, options, state)


def _figures(student: Student, pictures: Pictures, view1: tuple[Any, ...] | None) -> dict[str, float]:
    """Return the figures of the averaged network on pictures that it is not trained on. Nothing is chosen by them."""
    validation = slice(pictures.trained, None)
    embeddings, targets = student.embed(pictures.plain(validation)), pictures.targets[validation]
    pairs = np.array([(x @ x.T)[np.triu_indices(len(x), 1)] for x in (embeddings, targets)])
    cosine, correlation = np.mean(np.sum(embeddings * targets, axis=1)), np.corrcoef(pairs)[0, 1]
    figures = {"validation_cosine": float(cosine), "validation_pair_correlation": float(correlation)}
    if view1 is not None:
        test, train_pairs, faces = view1
        crops = {photo: face[1] for photo, face in faces.items() if face is not None}
        embedded = dict(zip(crops, student.embed(np.stack(list(crops.values()))), strict=True))
        report = evaluate(test, {photo: embedded.get(photo) for photo in faces}, train_pairs).to_dict()
        figures |= {f"lfw_view1_test_{name}": report[name] for name in ("accuracy", "tar_at_far_0.01", "tar_at_far_0.001")}
    return figures


def _view1(folder: Path) -> tuple[Any, ...]:
    """Return test pairs, training pairs, and embedding and aligned face of each photo of LFW's view 1."""
    test, train_pairs = (read_pairs(folder / name) for name in ("pairsDevTest.txt", "pairsDevTrain.txt"))
    photos = {photo for pair in (*test, *train_pairs) for photo in (pair.a, pair.b)}
    with FaceAnalyzer(Settings(gate=GateSettings.none())) as analyzer:
        return test, train_pairs, read_faces(photos, folder / "images", analyzer, lambda *_: None)


def _write_result(student: Student, pictures: Pictures, options: argparse.Namespace, state: dict[str, Any]) -> None:
    """Write NAME.safetensors, .csv, .png and .md, where NAME is the folder's."""
    name, curve = options.output.resolve().name, state["curve"]
    facts = {
        "start, teacher": f"{options.start}, {options.teacher} ({100 * pictures.kept:.1f} % kept by 128 numbers)",
        "pictures": f"{pictures.trained}, faces and averages of two; batches of {options.batch}, seed {options.seed}",
    }
    facts |= {key.replace("_", " "): f"{value:.5g}" for key, value in curve[-1].items()}
    card = f"# {name}\n\nnn4.small2, made with `python -m tools.training.distill`.\n\n| | |\n|---|---|\n"
    card += "".join(f"| {key} | {value} |\n" for key, value in facts.items()) + f"\n![Curve]({name}.png)\n"
    arrays = save({key: np.asarray(variable) for key, variable in network_variables(student.averaged).items()})
    table = pd.DataFrame(curve).to_csv(index=False).encode()
    for suffix, data in (("safetensors", arrays), ("csv", table), ("md", card.encode())):
        write_atomic(options.output / f"{name}.{suffix}", data)
    draw_curve(options.output / f"{name}.csv", options.output / f"{name}.png")
    print(f"wrote {options.output / name}.safetensors, its card and its curve")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.training.distill", description=__doc__)
    for name, kind, default, text in (
        ("--data", Path, None, "folder of photos of one face each: FairFace's training part"),
        ("--teacher", str, HIGH_ACCURACY_NETWORK, "embedding network, or the end of its name"),
        ("--hours", float, 2.0, "time to train, after the preparation"),
        ("--steps", int, 0, "steps to train, instead of a time"),
        ("--start", str, DEFAULT_NETWORK, "weights of nn4.small2 to start from, or none"),
        ("--output", Path, Path("nn4_small2_distilled"), "folder of the run, and the name of the result"),
        ("--lfw", Path, None, "folder of LFW's view 1, to report on after every epoch"),
        ("--pictures", int, 40_000, "most photos to use"),
        ("--batch", int, 128, "pictures in a step"),
        ("--checkpoint-every", int, 200, "steps between checkpoints"),
        ("--seed", int, 0, "seed of everything random"),
    ):
        parser.add_argument(name, type=kind, default=default, help=text, required=name == "--data")
    options = parser.parse_args(arguments)
    options.teacher = next((found.name for found in entries() if found.name.endswith(options.teacher)), options.teacher)
    options.output.mkdir(parents=True, exist_ok=True)
    train(options)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except FacecamError as error:
        sys.exit(f"error: {error}")
