"""Train the expression network on FER+; the same command resumes. See docs/internals/training.md.

Barsoum, Zhang, Canton Ferrer, Zhang, "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label
Distribution", ICMI 2016.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.progress import track
from safetensors.numpy import load_file, save

from facecam.detection.mtcnn import Mtcnn
from facecam.embedding.embedder import similarity_transform
from facecam.errors import FacecamError, TeachingError
from facecam.expression.network import INPUT_SIZE_PX, create_network
from facecam.expression.reader import FRAME_XY, Gray, network_input
from facecam.fileio import write_atomic
from facecam.networks.keras_imagenet import load_keras, network_variables
from facecam.networks.litert import softmax
from facecam.settings import DetectSettings
from facecam.types import EXPRESSIONS, Floats
from tools.training.curve import draw_curve
from tools.training.run import CHECKPOINT, STEPS, open_run, restore_checkpoint, save_checkpoint, update_mean

load_keras()  # Without its output.
import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

FRAMINGS = "framings.safetensors"
RATE, WARM_UP_SHARE, WEIGHT_DECAY = 0.1, 0.03, 5e-4
VALIDATION_SHARE, MAJORITY = 0.1, 5
CHANGEABLE = ("output", "checkpoint_every")
# FER+'s names of CLASSES, in their order.
COLUMNS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral", "contempt")
# The detector wants larger faces, and something around them.
_ENLARGED, _BORDER_PX = 3, 96


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Faces of FER+: the first `trained` ones to train on, the others to validate on.

    Attributes:
        gray: (n, 48, 48) uint8.
        targets: (n, 8) float32, the shares of the votes for CLASSES; classes with a single vote count as 0.
        majority: (n,) index of the one of EXPRESSIONS that more than five of ten annotators chose, -1 without one.
        framings: (n, 2, 3) float32, the transform from the image to a live face's framing by its landmarks; NaN where no face
            was detected.
        trained: Number of faces to train on.
    """

    gray: Gray
    targets: Floats
    majority: NDArray[np.intp]
    framings: Floats
    trained: int

    def batch(self, step: int, size: int, seed: int) -> tuple[Floats, Floats]:
        """Return inputs (size, 48, 48, 1) and targets (size, 8) of a step. Seed and step decide everything random."""
        epoch, place = divmod(step, self.trained // size)
        order = np.random.default_rng((seed, 0, epoch)).permutation(self.trained)
        random = np.random.default_rng((seed, 1, step))
        rows = order[place * size : (place + 1) * size]
        inputs = [network_input(degrade(distort(self.gray[row], self.framings[row], random), random)) for row in rows]
        return np.stack(inputs), self.targets[rows]


def read_faces(data: Path, folder: Path, limit: int, seed: int) -> Faces:
    """Read the training set of FER+, with the framing of each face by its landmarks, which is prepared once in `folder`."""
    gray, counts = _read_arrays(data)
    counts = np.where(counts > 1, counts, 0)
    usable = np.flatnonzero(counts.sum(axis=1) > 0)
    rows = np.random.default_rng(seed).permutation(usable)[:limit]
    if len(rows) < 100:
        raise TeachingError(f"{data} has votes for {len(rows)} faces, too few to train on; name FER+'s training set")
    gray, counts = gray[rows], counts[rows]
    if not (folder / FRAMINGS).exists():
        detector = Mtcnn(DetectSettings())
        framings = np.stack([_framing(face_landmarks(face, detector)) for face in track(gray, "faces")])
        write_atomic(folder / FRAMINGS, save({"framings": framings}))
    best = counts[:, : len(EXPRESSIONS)].argmax(axis=1)
    majority = np.where(counts[np.arange(len(rows)), best] > MAJORITY, best, -1)
    targets = (counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
    trained = len(rows) - round(len(rows) * VALIDATION_SHARE)
    return Faces(gray, targets, majority, load_file(folder / FRAMINGS)["framings"], trained)


def _read_arrays(data: Path) -> tuple[Gray, Floats]:
    """Return the images (n, 48, 48) uint8 and their votes (n, 8) for CLASSES. TeachingError if the file is not FER+'s."""
    try:
        with np.load(data) as arrays:
            columns, gray, votes = list(arrays["columns"]), arrays["gray"], arrays["votes"].astype(np.float32)
        counts = votes[:, [columns.index(name) for name in COLUMNS]]
    except OSError as error:
        raise TeachingError("{path} cannot be read: {reason}", path=data, reason=error.strerror or error) from error
    except (KeyError, ValueError, TypeError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise TeachingError("{path} does not have FER+'s arrays gray, votes and columns; name its .npz", path=data) from error
    if gray.dtype != np.uint8 or gray.shape != (len(counts), INPUT_SIZE_PX, INPUT_SIZE_PX):
        raise TeachingError("{path}: gray must be 48x48 uint8 images, one for each row of votes", path=data)
    return gray, counts


def face_landmarks(gray: Gray, detector: Mtcnn) -> Floats | None:
    """Return the landmarks (5, 2) of the face that fills an image (48, 48), in its pixels; None when none is detected."""
    large = cv2.resize(gray, None, fx=_ENLARGED, fy=_ENLARGED, interpolation=cv2.INTER_CUBIC)
    bordered = cv2.copyMakeBorder(large, *[_BORDER_PX] * 4, cv2.BORDER_REPLICATE)
    found = detector.detect(np.asarray(cv2.cvtColor(bordered, cv2.COLOR_GRAY2BGR), np.uint8))
    if not found:
        return None
    # Centers of pixels: pixel p of the image lies at 3 p + 1 in the enlarged one.
    return (found[0].landmarks_xy - np.float32(_BORDER_PX + (_ENLARGED - 1) / 2)) / np.float32(_ENLARGED)


def _framing(landmarks_xy: Floats | None) -> Floats:
    if landmarks_xy is None:
        return np.full((2, 3), np.nan, np.float32)
    return np.asarray(similarity_transform(landmarks_xy, FRAME_XY), np.float32)


def distort(gray: Gray, framing: Floats, random: np.random.Generator) -> Gray:
    """Return a face in FER+'s framing or in a live face's, rotated, scaled, shifted, and mirrored by chance."""
    (angle, scale, *shift), mirror = random.normal(0, (0.12, 0.07, 1.5, 1.5)), random.choice((-1, 1))
    stretch = random.normal(0, 0.04)
    turn = np.exp(scale) * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn = turn @ [[mirror * (1 + stretch), 0], [0, 1 - stretch]]
    center = np.full(2, (INPUT_SIZE_PX - 1) / 2)
    matrix = np.vstack([np.column_stack([turn, center + shift - turn @ center]), [0, 0, 1]])
    if np.isfinite(framing).all() and random.random() < 0.5:
        matrix = matrix @ np.vstack([framing, [0, 0, 1]])
    size = (INPUT_SIZE_PX, INPUT_SIZE_PX)
    return np.asarray(cv2.warpAffine(gray, matrix[:2], size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def degrade(gray: Gray, random: np.random.Generator) -> Gray:
    """Return a face as a webcam may show it: by chance blurred, unevenly or dimly lit, noisy, or partly hidden."""
    side = len(gray)
    if random.random() < 0.25:
        small = cv2.resize(gray, (int(random.integers(20, 40)),) * 2, interpolation=cv2.INTER_AREA)
        gray = np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
    if random.random() < 0.25:
        gray = np.asarray(cv2.GaussianBlur(gray, (0, 0), random.uniform(0.3, 1.2)), np.uint8)
    light = gray.astype(np.float32) / 255
    light = light ** np.float32(random.uniform(0.6, 1.6))
    if random.random() < 0.3:
        (slope_x, slope_y), ramp = random.uniform(-0.5, 0.5, 2), np.linspace(-1, 1, side)
        light *= 1 + slope_y * ramp[:, None] + slope_x * ramp
    if random.random() < 0.3:
        light *= random.uniform(0.3, 1)
        light += random.normal(0, random.uniform(0.005, 0.04), light.shape)
    image = np.asarray(np.clip(light * 255, 0, 255), np.uint8)
    if random.random() < 0.3:
        center, axes = random.integers(0, side, 2), random.integers(3, side // 4, 2)
        ellipse = (tuple(map(int, center)), tuple(map(int, axes)), float(random.uniform(0, 180)), 0, 360)
        cv2.ellipse(image, *ellipse, color=int(random.integers(0, 256)), thickness=-1)
    return image


class Training:
    """The network in training. `averaged` is a second network with the exponential mean of its weights, which is the result."""

    def __init__(self, seed: int, steps: int) -> None:
        keras.utils.set_random_seed(seed)
        self.model, self.averaged = create_network(), create_network()
        self.averaged.set_weights(self.model.get_weights())
        self._optimizer = keras.optimizers.SGD(momentum=0.9, nesterov=True, weight_decay=WEIGHT_DECAY)
        self._optimizer.build(self.model.trainable_variables)
        self._variables = [*self.model.weights, *self.averaged.weights, *self._optimizer.variables]
        self._dropouts = [layer for layer in self.model.layers if isinstance(layer, keras.layers.Dropout)]
        self._seed, self._steps = seed, steps
        self._compiled = tf.function(self._step)

    def step(self, number: int, inputs: Floats, targets: Floats) -> float:
        """Train one step and return its loss. Seed and number decide what is dropped, so that a resumed run repeats it."""
        for layer in self._dropouts:
            layer.seed_generator.state.assign([self._seed, number])
        done = number / self._steps
        self._optimizer.learning_rate.assign(RATE * min(1, done / WARM_UP_SHARE) * (1 + math.cos(math.pi * done)) / 2)
        return float(self._compiled(inputs, targets))

    def _step(self, inputs: Any, targets: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = self.model(inputs, training=True)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=targets, logits=logits))
        variables = self.model.trainable_variables
        self._optimizer.apply(tape.gradient(loss, variables), variables)
        update_mean(self.averaged, self.model, self._optimizer.iterations)
        return loss

    def logits(self, inputs: Floats) -> Floats:
        """Return (n, 8) logits of the averaged network."""
        chunks = (inputs[start : start + 256] for start in range(0, len(inputs), 256))
        return np.concatenate([np.asarray(self.averaged(chunk, training=False)) for chunk in chunks])

    def save(self, path: Path, state: dict[str, Any]) -> None:
        """Write everything that the next step needs, with `state` as JSON, into one file, atomically."""
        save_checkpoint(path, self._variables, state)

    def restore(self, path: Path) -> dict[str, Any]:
        """Continue from a checkpoint and return its state."""
        return restore_checkpoint(path, self._variables)


def validation_figures(training: Training, faces: Faces) -> dict[str, float]:
    """Return log loss by votes, and accuracy and recalls by majority, of the averaged network on the validation faces."""
    rows = slice(faces.trained, None)
    logits, majority = training.logits(np.stack([network_input(gray) for gray in faces.gray[rows]])), faces.majority[rows]
    loss = -(faces.targets[rows] * np.log(np.maximum(softmax(logits), 1e-9))).sum(axis=1).mean()
    predicted, agreed = logits[:, : len(EXPRESSIONS)].argmax(axis=1), majority >= 0
    figures = {"validation_loss": float(loss), "validation_accuracy": float((predicted == majority)[agreed].mean())}
    return figures | {
        f"recall_{name}": float((predicted == majority)[majority == number].mean())
        for number, name in enumerate(EXPRESSIONS)
        if (majority == number).any()
    }


def train(options: argparse.Namespace) -> None:
    """Train from the last checkpoint or from the start, and write arrays, curve and plot."""
    folder, size = options.output, options.batch
    open_run(folder, options, CHANGEABLE)
    faces = read_faces(options.data, folder, options.faces, options.seed)
    epoch = faces.trained // size
    if not (steps := options.epochs * epoch):
        text = "{batch} faces in a step and {epochs} epochs give no step with {faces} faces; lower --batch or raise --epochs"
        raise TeachingError(text, batch=size, epochs=options.epochs, faces=faces.trained)
    training = Training(options.seed, steps)
    state: dict[str, Any] = {"step": 0, "losses": [], "curve": []}
    if (folder / CHECKPOINT).exists():
        state = training.restore(folder / CHECKPOINT)
    with ThreadPoolExecutor(1) as pool, (folder / STEPS).open("a", encoding="utf-8", buffering=1) as log:
        coming = pool.submit(faces.batch, state["step"], size, options.seed)
        began = time.monotonic()
        while state["step"] < steps:
            inputs, targets = coming.result()
            coming = pool.submit(faces.batch, state["step"] + 1, size, options.seed)
            loss = training.step(state["step"], inputs, targets)
            log.write(f"{state['step']},{zlib.crc32(inputs.tobytes())},{loss:.6f}\n")
            state["losses"].append(loss)
            state["step"] += 1
            if epoch_ends := state["step"] % epoch == 0:
                row = {"pictures_seen": state["step"] * size, "loss": float(np.mean(state["losses"]))}
                row |= validation_figures(training, faces)
                state |= {"curve": [*state["curve"], row], "losses": []}
                print(f"{time.monotonic() - began:.0f} s: " + ", ".join(f"{k} {v:.4g}" for k, v in row.items()), flush=True)
            if epoch_ends or state["step"] % options.checkpoint_every == 0:
                training.save(folder / CHECKPOINT, state)
    _write_result(training, folder, state["curve"])


def _write_result(training: Training, folder: Path, curve: list[dict[str, float]]) -> None:
    """Write NAME.safetensors, .csv and .png, where NAME is the folder's."""
    name = folder.resolve().name
    arrays = {key: np.asarray(variable) for key, variable in network_variables(training.averaged).items()}
    write_atomic(folder / f"{name}.safetensors", save(arrays))
    write_atomic(folder / f"{name}.csv", pd.DataFrame(curve).to_csv(index=False).encode())
    draw_curve(folder / f"{name}.csv", folder / f"{name}.png")
    print(f"wrote {folder / name}.safetensors and its curve")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.training.expression", description=__doc__)
    for name, kind, default, text in (
        ("--data", Path, None, "training set of FER+: an .npz with gray, votes and columns"),
        ("--output", Path, Path("expression"), "folder of the run, and the name of the result"),
        ("--epochs", int, 60, "passes over the faces"),
        ("--faces", int, 100_000, "most faces to use"),
        ("--batch", int, 128, "faces in a step"),
        ("--checkpoint-every", int, 200, "steps between checkpoints"),
        ("--seed", int, 0, "seed of everything random"),
    ):
        parser.add_argument(name, type=kind, default=default, help=text, required=name == "--data")
    parser.add_argument("--bfloat16", action="store_true", help="compute in bfloat16: faster where the processor has AVX512_BF16")
    options = parser.parse_args(arguments)
    if options.bfloat16:
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    options.output.mkdir(parents=True, exist_ok=True)
    train(options)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except FacecamError as error:
        sys.exit(f"error: {error}")
