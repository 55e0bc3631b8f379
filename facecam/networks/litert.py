"""The only door to LiteRT: a compiled network, called with arrays. One thread owns one network."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ModelError
from facecam.networks.keras_imagenet import silence_stderr
from facecam.types import Floats

# A folder of pictures, each of another size, must not keep an interpreter for every one.
_SHAPES_KEPT = 8


class Network(Protocol):
    """Anything that turns a batch into one output array, a row for a row."""

    def __call__(self, batch: NDArray[Any]) -> Floats: ...


class CompiledNetwork:
    """A compiled network with one input and one output.

    The input's shape may change from call to call; each shape that was asked for keeps an interpreter, so that switching
    between a few of them costs nothing. Not thread-safe by design: the thread that makes the first call owns it.
    """

    def __init__(self, name: str, content: bytes, threads: int) -> None:
        self._name = name
        self._content = content
        self._threads = threads
        self._owner: int | None = None
        self._by_shape: dict[tuple[int, ...], tuple[Any, int, int]] = {}

    def __call__(self, batch: NDArray[Any]) -> Floats:
        """Run on `batch` float32; the result is float32 and belongs to the caller.

        Raises ModelError when the shape does not fit the network, or when called from a second thread.
        """
        caller = threading.get_ident()
        if self._owner is None:
            self._owner = caller
        elif self._owner != caller:
            raise ModelError(f"network {self._name} belongs to another thread; open one per thread")
        interpreter, into, out_of = self._by_shape.get(batch.shape) or self._open(batch.shape)
        interpreter.set_tensor(into, batch)
        interpreter.invoke()
        result: Floats = interpreter.get_tensor(out_of)
        return result

    def _open(self, shape: tuple[int, ...]) -> tuple[Any, int, int]:
        from ai_edge_litert.interpreter import Interpreter

        try:
            interpreter = Interpreter(model_content=self._content, num_threads=self._threads)
            into = interpreter.get_input_details()[0]["index"]
            interpreter.resize_tensor_input(into, shape)
            with _first_words_dropped():
                interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"network {self._name} cannot take a batch of shape {shape}: {error}") from error
        while len(self._by_shape) >= _SHAPES_KEPT:
            self._by_shape.pop(next(iter(self._by_shape)))
        self._by_shape[shape] = (interpreter, into, interpreter.get_output_details()[0]["index"])
        return self._by_shape[shape]

    def close(self) -> None:
        """Free the interpreters; the next call would open new ones."""
        self._by_shape.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_spoken = threading.Lock()


@contextlib.contextmanager
def _first_words_dropped() -> Iterator[None]:
    """LiteRT writes one line about its CPU kernels straight to file descriptor 2, once per process, and has no switch for it.

    What another thread writes to stderr in these milliseconds is lost as well, hence only around the first interpreter.
    """
    if not _spoken.acquire(blocking=False):  # never released: it marks that the first interpreter is made
        yield
        return
    with silence_stderr():
        yield


class InFixedBatches:
    """Calls a network with batches of a few fixed sizes only, padding the last one, so that no call plans anew."""

    def __init__(self, network: Network, sizes: Sequence[int]) -> None:
        self._network = network
        self._sizes = sorted(sizes)

    def __call__(self, batch: NDArray[Any]) -> Floats:
        """A row of output for every row of `batch` (n >= 1)."""
        parts = []
        start = 0
        while start < len(batch):
            size = self._next(len(batch) - start)
            part = batch[start : start + size]
            if len(part) < size:
                padded = np.zeros((size, *batch.shape[1:]), batch.dtype)
                padded[: len(part)] = part
                parts.append(self._network(padded)[: len(part)])
            else:
                parts.append(self._network(part))
            start += size
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _next(self, left: int) -> int:
        """The size to go on with: the smallest that holds all that is left, or the largest it fills, where that pads less."""
        enough = self._enough(left)
        filled = max((size for size in self._sizes if size <= left), default=enough)
        return filled if filled + self._enough(left - filled) < enough else enough

    def _enough(self, left: int) -> int:
        return next((size for size in self._sizes if size >= left), self._sizes[-1])
