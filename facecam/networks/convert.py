"""Keras -> LiteRT, once per machine. What is compiled lies in the user's cache, named by what it was made from.

TensorFlow is imported in a child process only (`python -m facecam.cli.compile NAME ...`), so that the caller stays light and its
picture stays on screen. A compiled file is its own SHA-256 (32 bytes) followed by LiteRT's flat buffer, written beside its
place and moved over it: two processes that compile at once both leave a whole file.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from facecam.errors import ModelError
from facecam.fileio import write_atomic
from facecam.networks.keras_imagenet import fetch, keras_networks, verified_sha256
from facecam.networks.litert import CompiledNetwork
from facecam.networks.manifest import entry
from facecam.networks.trained import read_trained

_HASH_BYTES = 32
# How far compiled outputs may be off: float32 by its rounding, int8 logits by its steps.
_FLOAT_ERROR, _INT8_ERROR = 1e-3, 1.0


@dataclass(frozen=True, slots=True)
class NetworkSource:
    """How one network is made: `module`.`function`(*arguments) gives a Keras model or a TensorFlow function of one argument.

    `shape` is its input's; None is a size that may change at run time. `weights` names what it is filled
    from, as `weights_sha256` takes it.
    With `int8` its weights are rounded to 8 bits, and its activations anew for each call (dynamic range quantization).
    """

    module: str
    function: str
    arguments: tuple[str, ...]
    weights: str
    shape: tuple[int | None, ...]
    int8: bool = False


_NN4 = NetworkSource("facecam.embedding.nn4_small2", "create_model", (), "", (None, 96, 96, 3))

RECIPES = {
    "pnet": NetworkSource("facecam.detection.mtcnn_networks", "pnet", (), "mtcnn", (1, None, None, 3)),
    # In int8 R-Net takes half the time, and the cascade finds as many faces as before (benchmarks.wider).
    "rnet": NetworkSource("facecam.detection.mtcnn_networks", "rnet", (), "mtcnn", (None, 24, 24, 3), int8=True),
    "onet": NetworkSource("facecam.detection.mtcnn_networks", "onet", (), "mtcnn", (None, 48, 48, 3)),
    "fer_mini_xception": NetworkSource("facecam.expression.network", "create_model", (), "fer_mini_xception", (None, 64, 64, 1)),
    "efficientnet_lite0_imagenet": NetworkSource(
        "facecam.objects.imagenet", "create_model", (), "efficientnet_lite0_imagenet", (None, 224, 224, 3)
    ),
    "efficientnet_lite0_features": NetworkSource(
        "facecam.objects.imagenet", "create_features", (), "efficientnet_lite0_imagenet", (None, 224, 224, 3)
    ),
}


def recipe(name: str) -> NetworkSource:
    """The recipe of a network; nn4.small2s of the manifest, networks of keras.applications and trained folders have one, too."""
    if name in RECIPES:
        return RECIPES[name]
    if Path(name).is_absolute():
        size = read_trained(Path(name)).form.shape
        return NetworkSource("facecam.training.recipes", "create_model", (name,), name, (None, *size))
    if (keras := keras_networks().get(name)) is not None:
        return NetworkSource(
            "facecam.objects.imagenet", "create_application", (name,), name, (None, keras.side_px, keras.side_px, 3)
        )
    if entry(name).role == "embedding":
        return NetworkSource(_NN4.module, _NN4.function, (name,), name, _NN4.shape)
    raise ModelError(f"{name} is not a network that can be compiled; choose one of {', '.join(RECIPES)} or an embedding network")


def cache_dir() -> Path:
    """Where compiled networks lie: $FACECAM_CACHE, else the user's cache folder."""
    root = os.environ.get("FACECAM_CACHE") or platformdirs.user_cache_dir("facecam", appauthor=False)
    return Path(root) / "compiled"


def compiled_path(name: str) -> Path:
    """Where `name` lies once compiled: its name carries a hash over weights, the graph's source and the converter's version."""
    how = recipe(name)
    digest = hashlib.sha256(weights_sha256(how.weights).encode())
    digest.update(_converter(how.module))
    return cache_dir() / f"{Path(name).name}-{digest.hexdigest()[:16]}.litert"


def weights_sha256(name: str) -> str:
    """The SHA-256 of a network's weights: the manifest's, that of the verified file in Keras's cache, or a trained folder's.

    ModelError when Keras's file is not there yet, or the folder is damaged.
    """
    if Path(name).is_absolute():
        return read_trained(Path(name)).sha256
    keras = keras_networks().get(name)
    return entry(name).sha256 if keras is None else verified_sha256(keras)


def role_of(name: str) -> str:
    """What a network is for, in the manifest's words; those of keras.applications and trained ones name objects."""
    return "objects" if name in keras_networks() or Path(name).is_absolute() else entry(name).role


@cache
def _converter(module: str) -> bytes:
    """What turns weights into a compiled network: the graph's source, this file, and TensorFlow's version."""
    source = importlib.util.find_spec(module)
    assert source is not None and source.origin is not None
    return (
        b"".join(Path(path).read_bytes() for path in (source.origin, __file__))
        + importlib.metadata.version("tensorflow").encode()
    )


def missing(names: Iterable[str]) -> list[str]:
    """Those of `names` that have to be compiled before they can be opened."""
    unfetched = {name for name, network in keras_networks().items() if not network.file.is_file()}
    return [name for name in names if name in unfetched or not compiled_path(name).is_file()]


def ensure_fetched(names: Iterable[str], progress: Callable[[int, int], None] | None = None) -> None:
    """Fetch the weights that Keras publishes and this machine does not have; `progress(done, total)` is told bytes.

    Raises ModelError that says what to do, offline above all.
    """
    for name in names:
        if (network := keras_networks().get(name)) is not None:
            fetch(network, progress)


def ensure_compiled(names: Iterable[str], progress: Callable[[int, int, str], None] | None = None) -> None:
    """Compile what is missing in a child process; `progress(done, total, name of the next)` is told before each.

    Raises ModelError with the child's last words when it fails.
    """
    todo = missing(names)
    if not todo:
        return
    ensure_fetched(todo)
    told = progress or (lambda done, total, name: None)
    told(0, len(todo), todo[0])
    # -P: nothing in the working folder, be it another facecam or somebody's random.py, may be imported in place of our own.
    path = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": path}
    command = [sys.executable, "-P", "-m", "facecam.cli.compile", *todo]
    with (
        tempfile.TemporaryFile("w+") as words,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=words, text=True, env=environment) as child,
    ):
        assert child.stdout is not None
        done = 0
        for line in child.stdout:
            if line.startswith("compiled "):
                done += 1
                told(done, len(todo), todo[done] if done < len(todo) else "")
        if child.wait() != 0:
            words.seek(0)
            last = (words.read().strip().splitlines() or ["no message"])[-1]
            raise ModelError(f"compiling {todo[min(done, len(todo) - 1)]} failed: {last}. `facecam doctor` shows what is missing")


def open_network(name: str, threads: int) -> CompiledNetwork:
    """The compiled network, ready to be called; compiled first when it is not there or was damaged.

    Raises ModelError when its weights are missing or damaged.
    """
    for _ in range(2):
        ensure_compiled([name])
        path = compiled_path(name)
        stored = path.read_bytes()
        if hashlib.sha256(stored[_HASH_BYTES:]).digest() == stored[:_HASH_BYTES]:
            return CompiledNetwork(name, stored[_HASH_BYTES:], threads)
        path.unlink(missing_ok=True)
    raise ModelError(f"{path} was damaged twice in a row; check the disk, or set FACECAM_CACHE to a folder on another one")


def compile_network(name: str) -> Path:
    """Convert one network here and now (imports TensorFlow) and store it; returns where."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    how = recipe(name)
    model: Any = getattr(importlib.import_module(how.module), how.function)(*how.arguments)
    graph = tf.function(model.__call__, input_signature=[tf.TensorSpec(how.shape, tf.float32)])
    frozen = convert_variables_to_constants_v2(graph.get_concrete_function())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
    if how.int8:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    content = converter.convert()
    _check_output(name, content, how, frozen)
    path = compiled_path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, hashlib.sha256(content).digest() + content)
    return path


def _check_output(name: str, content: bytes, how: NetworkSource, reference: Any) -> None:
    """Conversion has been seen to give NaN without a word: compare once with the graph it came from."""
    import tensorflow as tf

    sizes = [size or fallback for size, fallback in zip(how.shape, (2, 48, 48, 3), strict=True)]
    batch = np.random.default_rng(0).random(sizes, np.float32)
    expected = np.asarray(tf.nest.flatten(reference(tf.constant(batch)))[0])
    with CompiledNetwork(name, content, threads=1) as network:
        worst = float(np.max(np.abs(network(batch) - expected)))
    if not worst < (_INT8_ERROR if how.int8 else _FLOAT_ERROR):
        raise ModelError(f"{name} gives other numbers once compiled (off by {worst}): this TensorFlow's converter is at fault")
