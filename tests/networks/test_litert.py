"""LiteRT networks, tested on R-Net, the smallest that takes batches."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from facecam.errors import ModelError
from facecam.networks.litert import CompiledNetwork, FixedBatchNetwork, open_network
from facecam.types import Floats


@pytest.fixture(scope="module")
def rnet() -> CompiledNetwork:
    return open_network("rnet", threads=1)


def noise(*shape: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).random(shape, np.float32) * 255


class Recording:
    """Network that records the shape of every batch and passes it on."""

    def __init__(self, network: CompiledNetwork) -> None:
        self.network = network
        self.sizes: list[int] = []

    def __call__(self, batch: NDArray[Any]) -> Floats:
        self.sizes.append(len(batch))
        return self.network(batch)


def test_every_row_of_a_batch_has_an_output_row(rnet: CompiledNetwork) -> None:
    output = rnet(noise(3, 24, 24, 3))

    assert output.shape == (3, 5)
    assert output.dtype == np.float32
    assert np.isfinite(output).all()


def test_the_result_belongs_to_the_caller(rnet: CompiledNetwork) -> None:
    first = rnet(noise(2, 24, 24, 3, seed=1))
    before = first.copy()

    rnet(noise(2, 24, 24, 3, seed=2))

    assert (first == before).all()


def test_the_batch_size_may_change_from_call_to_call(rnet: CompiledNetwork) -> None:
    """Use more sizes than interpreters are kept, so that some are opened twice."""
    faces = noise(12, 24, 24, 3)
    expected = np.concatenate([rnet(faces[number : number + 1]) for number in range(12)])

    for size in [*range(1, 13), *range(12, 0, -1)]:
        assert rnet(faces[:size]) == pytest.approx(expected[:size], abs=1e-4)


def test_pnet_takes_images_of_any_size() -> None:
    pnet = open_network("pnet", threads=1)
    shapes = [pnet(noise(1, height, width, 3)).shape for height, width in ((12, 12), (40, 12), (31, 100))]

    assert shapes == [(1, 1, 1, 5), (1, 15, 1, 5), (1, 11, 45, 5)]


@pytest.mark.parametrize("shape", [(1, 10, 10, 3), (24, 24, 3), (1, 24, 24, 1), (0, 24, 24, 3)])
def test_a_shape_that_does_not_fit_is_an_error_that_names_it(rnet: CompiledNetwork, shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match=r"network rnet cannot take a batch of shape \(\d+, \d+, "):
        rnet(np.zeros(shape, np.float32))


def test_a_network_works_after_a_shape_that_did_not_fit(rnet: CompiledNetwork) -> None:
    faces = noise(2, 24, 24, 3)
    before = rnet(faces)
    with pytest.raises(ModelError):
        rnet(np.zeros((1, 10, 10, 3), np.float32))

    assert (rnet(faces) == before).all()


def test_content_that_is_not_a_network_is_an_error() -> None:
    network = CompiledNetwork("scrap", b"no flat buffer", threads=1)

    with pytest.raises(ModelError, match="network scrap cannot take"):
        network(np.zeros((1, 24, 24, 3), np.float32))


def test_a_call_from_a_second_thread_is_an_error() -> None:
    answers: list[str] = []

    def call(network: CompiledNetwork) -> None:
        try:
            network(noise(1, 24, 24, 3))
            answers.append("answered")
        except ModelError as error:
            answers.append(str(error))

    network = open_network("rnet", threads=1)
    call(network)
    other = threading.Thread(target=call, args=(network,))
    other.start()
    other.join()

    assert answers == ["answered", "network rnet belongs to another thread; open one per thread"]


def test_the_thread_of_the_first_call_owns_the_network() -> None:
    results: list[Floats] = []
    network = open_network("rnet", threads=1)
    worker = threading.Thread(target=lambda: results.append(network(noise(1, 24, 24, 3))))
    worker.start()
    worker.join()

    with pytest.raises(ModelError, match="belongs to another thread"):
        network(noise(1, 24, 24, 3))

    assert results[0].shape == (1, 5)


@given(count=st.integers(1, 40), sizes=st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True))
def test_fixed_batches_give_the_same_output_as_single_rows(rnet: CompiledNetwork, count: int, sizes: list[int]) -> None:
    faces = noise(count, 24, 24, 3, seed=count)
    recording = Recording(rnet)

    output = FixedBatchNetwork(recording, sizes)(faces)

    assert output == pytest.approx(np.concatenate([rnet(face[np.newaxis]) for face in faces]), abs=1e-4)
    assert set(recording.sizes) <= set(sizes)


@pytest.mark.parametrize(
    ("count", "taken"),
    [(4, [4]), (3, [4]), (5, [4, 1]), (12, [16]), (14, [16]), (21, [16, 4, 1]), (31, [16, 16])],
)
def test_padding_is_minimal_and_large_batches_come_first(rnet: CompiledNetwork, count: int, taken: list[int]) -> None:
    recording = Recording(rnet)

    FixedBatchNetwork(recording, [16, 1, 4])(noise(count, 24, 24, 3))

    assert recording.sizes == taken
