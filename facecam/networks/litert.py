"""LiteRT interpreter: a verified compiled network, called with arrays and owned by one thread.

No other module imports LiteRT, and this one imports neither TensorFlow nor the conversion.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ModelError
from facecam.networks.keras_imagenet import silence_stderr
from facecam.networks.manifest import verified_compiled_content, verified_compiled_path
from facecam.networks.user_embeddings import read_calibration, read_network_file
from facecam.networks.user_networks import ChangedNetworkError, converted_content, is_embedding_file, is_user_network
from facecam.types import Floats

# A folder of images of many sizes must not keep one interpreter per size.
_MAX_SHAPES = 8

_TRIAL_S = 60
"""Longest time for one run of a user's network in the child process that tries it."""

_CONVERSION_S = 600
"""Longest time for the child process that converts a network again."""

_LENGTHS = range(8, 4097)
"""Numbers in an embedding of a user's network."""


_log = logging.getLogger(__name__)

Network = Callable[[NDArray[Any]], Floats]
"""Maps a batch to one output array, row by row."""


class CompiledNetwork:
    """Compiled network with one input and one output, owned by the thread that makes the first call.

    The input's shape may change; interpreters of the latest shapes are kept, so that switching between a few of them is free.
    With `one_row`, batches are called row by row: many networks of other converters work for one row only.
    """

    def __init__(self, name: str, content: bytes, threads: int, *, one_row: bool = False) -> None:
        self._name = name
        self._content = content
        self._threads = threads
        self._one_row = one_row
        self._owner: int | None = None
        self._by_shape: dict[tuple[int, ...], tuple[Any, int, int]] = {}

    def __call__(self, batch: NDArray[Any]) -> Floats:
        """Return the output (float32) for a float32 batch.

        Raises:
            ModelError: The shape does not fit the network, or a second thread calls.
        """
        caller = threading.get_ident()
        if self._owner is None:
            self._owner = caller
        elif self._owner != caller:
            raise ModelError("network {name} belongs to another thread; open one per thread", name=self._name)
        if self._one_row and len(batch) != 1:
            return np.concatenate([self(row[np.newaxis]) for row in batch])
        interpreter, input_index, output_index = self._by_shape.get(batch.shape) or self._open(batch.shape)
        interpreter.set_tensor(input_index, batch)
        interpreter.invoke()
        result: Floats = interpreter.get_tensor(output_index)
        return result

    def _open(self, shape: tuple[int, ...]) -> tuple[Any, int, int]:
        from ai_edge_litert.interpreter import Interpreter

        try:
            interpreter = Interpreter(model_content=self._content, num_threads=self._threads)
            input_index = interpreter.get_input_details()[0]["index"]
            interpreter.resize_tensor_input(input_index, shape)
            with _silence_first_allocation():
                interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(
                "network {name} cannot take a batch of shape {shape}: {error}", name=self._name, shape=shape, error=error
            ) from error
        while len(self._by_shape) >= _MAX_SHAPES:
            self._by_shape.pop(next(iter(self._by_shape)))
        self._by_shape[shape] = (interpreter, input_index, interpreter.get_output_details()[0]["index"])
        return self._by_shape[shape]


def embedding_shape(name: str, content: bytes) -> tuple[int | None, int]:
    """Return the side of the square input of an embedding network, None if any is allowed, and the length of its output.

    Raises:
        ModelError: The content is not a network, or one that does not map one color image to one row of numbers.
    """
    from ai_edge_litert.interpreter import Interpreter

    # A damaged network can crash LiteRT. What a child process has run once is safe here.
    if not content or not _can_run(content):
        raise ModelError(
            "{name} is not a network in the format of LiteRT (TensorFlow Lite), or is damaged; copy it again", name=name
        )
    interpreter = Interpreter(model_content=content)
    inputs, outputs = (
        [(np.dtype(tensor["dtype"]).name, *map(int, tensor["shape_signature"])) for tensor in tensors]
        for tensors in (interpreter.get_input_details(), interpreter.get_output_details())
    )
    match inputs:
        case [("float32", -1 | 1, height, width, 3)] if height == width:
            side_px = None if height == -1 else height
        case _:
            raise ModelError(
                "{name} takes {value}; facecam needs one input of float32 1 x size x size x 3",
                name=name,
                value=_formatted(inputs),
            )
    match outputs:
        case [("float32", -1 | 1, length)] if length in _LENGTHS:
            return side_px, length
    raise ModelError(
        "{name} returns {value}; facecam needs one output of float32 1 x length, from {shortest} to {longest}",
        name=name,
        value=_formatted(outputs),
        shortest=_LENGTHS[0],
        longest=_LENGTHS[-1],
    )


def _formatted(tensors: list[tuple[str, *tuple[int, ...]]]) -> str:
    return " and ".join(
        f"{dtype} {' x '.join('any' if side == -1 else str(side) for side in shape)}" for dtype, *shape in tensors
    )


_first_allocation = threading.Lock()


@contextlib.contextmanager
def _silence_first_allocation() -> Iterator[None]:
    """Discard the line about CPU kernels that LiteRT writes to file descriptor 2 once per process.

    Output of other threads in these milliseconds is lost too, hence only around the first interpreter.
    """
    if not _first_allocation.acquire(blocking=False):  # Never released: it marks that the first interpreter exists.
        yield
        return
    with silence_stderr():
        yield


def open_network(name: str, threads: int, sha256: str = "") -> CompiledNetwork:
    """Open a network: a shipped one by its name in the manifest, or a user's: a converted one, or an embedding network's file.

    The content that was verified is the one that runs: no file is read twice. A converted network whose file has changed is
    converted again from its source, which takes some seconds.

    Args:
        name: Name of the network, or its file or folder.
        threads: Threads of the interpreter.
        sha256: SHA-256 that the file of an embedding network must have, as its calibration says; "" before it has one.

    Raises:
        ModelError: It is unknown, missing, damaged, not this user's own or not converted yet; the message says what to do.
    """
    if is_embedding_file(name):
        content = read_network_file(Path(name))
        if sha256 and hashlib.sha256(content).hexdigest() != sha256:
            raise ModelError("{network} has changed while it was opened; try again", network=name)
        return CompiledNetwork(name, content, threads, one_row=True)
    content = _converted_content(name) if is_user_network(name) else verified_compiled_content(name)
    return CompiledNetwork(name, content, threads)


def verify_networks(names: Iterable[str]) -> None:
    """Raise the ModelError of `open_network` if one of these networks cannot be opened, or is not calibrated."""
    for name in names:
        if is_embedding_file(name):
            read_calibration(Path(name))
        elif is_user_network(name):
            _converted_content(name)
        else:
            verified_compiled_path(name)


def _converted_content(name: str) -> bytes:
    """Return a user's compiled network, converted again if its file has changed but its source is as this user left it."""
    try:
        return converted_content(name)
    except ChangedNetworkError as error:
        _log.warning("%s", error)
        # Not in this process, which then needs no TensorFlow.
        command = [sys.executable, "-P", "-m", "facecam.networks.convert", "--again", name]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=_CONVERSION_S, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired):
            raise error from None
        if done.returncode:
            raise
        _log.warning("the network %s was converted again from its source", name)
        return converted_content(name)


def softmax(logits: NDArray[np.floating[Any]]) -> Floats:
    """Return the softmax over the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float32)


class FixedBatchNetwork:
    """Network called with batches of a few fixed sizes, the last one padded, so that no call has to plan a new shape."""

    def __init__(self, network: Network, sizes: Sequence[int]) -> None:
        self._network = network
        self._sizes = sorted(sizes)

    def __call__(self, batch: NDArray[Any]) -> Floats:
        """Return one output row per row of `batch` (n >= 1)."""
        parts = []
        start = 0
        while start < len(batch):
            size = self._next_size(len(batch) - start)
            part = batch[start : start + size]
            padding = [(0, size - len(part)), *[(0, 0)] * (batch.ndim - 1)]
            parts.append(self._network(np.pad(part, padding) if len(part) < size else part)[: len(part)])
            start += size
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _next_size(self, left: int) -> int:
        """Return the next size: the smallest that holds all `left` rows, or the largest that they fill if that pads less."""
        enough = self._smallest_holding(left)
        filled = max((size for size in self._sizes if size <= left), default=enough)
        return filled if filled + self._smallest_holding(left - filled) < enough else enough

    def _smallest_holding(self, left: int) -> int:
        return next((size for size in self._sizes if size >= left), self._sizes[-1])


def _can_run(content: bytes) -> bool:
    command = [sys.executable, "-P", "-m", __name__]
    try:
        return subprocess.run(command, input=content, capture_output=True, check=False, timeout=_TRIAL_S).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _run_once(content: bytes) -> None:
    """Run a network on zeros."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    interpreter.invoke()


if __name__ == "__main__":
    _run_once(sys.stdin.buffer.read())
