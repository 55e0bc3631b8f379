"""Folder of a training run: its options, its checkpoint, and the exponential mean of the weights."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save

from facecam.errors import TeachingError
from facecam.fileio import write_atomic

CHECKPOINT, OPTIONS, STEPS = "checkpoint.safetensors", "options.json", "steps.csv"
MEAN_DECAY = 0.999


def open_run(folder: Path, options: argparse.Namespace, changeable: Sequence[str]) -> None:
    """Record the options in the folder of a run. TeachingError if it holds a run with others, except for the changeable ones."""
    chosen = json.dumps({name: str(value) for name, value in vars(options).items() if name not in changeable})
    if not (folder / OPTIONS).exists():
        write_atomic(folder / OPTIONS, chosen.encode())
    if (folder / OPTIONS).read_text(encoding="utf-8") != chosen:
        raise TeachingError(
            "{folder} holds a run with the options in {file}; repeat them, or name another --output", folder=folder, file=OPTIONS
        )


def save_checkpoint(path: Path, variables: Sequence[Any], state: dict[str, Any]) -> None:
    """Write everything that the next step needs, with `state` as JSON, into one file, atomically."""
    arrays = {str(number): np.asarray(variable) for number, variable in enumerate(variables)}
    write_atomic(path, save({**arrays, "state": np.frombuffer(json.dumps(state).encode(), np.uint8)}))


def restore_checkpoint(path: Path, variables: Sequence[Any]) -> dict[str, Any]:
    """Assign the arrays of a checkpoint to the variables and return its state."""
    arrays = load_file(path)
    for number, variable in enumerate(variables):
        variable.assign(arrays[str(number)])
    return dict(json.loads(arrays["state"].tobytes()))


def update_mean(averaged: Any, model: Any, steps: Any) -> None:
    """Move the weights of the network `averaged` toward those of `model` after a step, the number of which is `steps`."""
    import keras

    seen = keras.ops.cast(steps, "float32")
    decay = keras.ops.minimum(MEAN_DECAY, seen / (seen + 9))  # The mean of a short run is not that of its start.
    for mean, value in zip(averaged.weights, model.weights, strict=True):
        mean.assign(value + (mean - value) * decay)
