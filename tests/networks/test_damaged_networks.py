"""Damaged files of networks: descriptions, manifests and weights with random damage are read, or refused with a ModelError."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from facecam.errors import FacecamError, ModelError
from facecam.integrity import approve
from facecam.networks import manifest
from facecam.networks.litert import embedding_shape
from facecam.networks.user_embeddings import read_description
from facecam.networks.user_networks import TRAINED, read_trained, trained_arrays
from tools.fuzz.mutations import mutate

LABELS = ("cat", "dog")


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """Folder of a trained network as `facecam train` writes it."""
    folder = tmp_path / "net"
    folder.mkdir()
    weights = save({"dense/kernel": np.zeros((4, 2), np.float32), "dense/bias": np.zeros(2, np.float32)})
    (folder / "weights.safetensors").write_bytes(weights)
    facts = {
        "format": 1,
        "recipe": "mlp",
        "base": "",
        "form": {"size_px": 32, "channels": 3, "scaling": "unit", "ink": False, "ink_margin": 0.0},
        "labels": list(LABELS),
        "weights": "weights.safetensors",
        "sha256": hashlib.sha256(weights).hexdigest(),
        "figures": {"test_accuracy": 0.5},
    }
    (folder / "network.json").write_text(json.dumps(facts, indent=2), encoding="utf-8")
    return folder


def replaced(value: object, moves: random.Random) -> object:
    """Return a JSON value in which some values are of another kind."""
    if moves.random() < 0.1:
        return moves.choice((None, True, -1, 10**400, 0.5, "", "../x", "a\0b", [], {}, [[]], {"a": 1}))
    if isinstance(value, dict):
        return {key: replaced(found, moves) for key, found in value.items() if moves.random() > 0.03}
    return [replaced(found, moves) for found in value] if isinstance(value, list) else value


def try_all(action: Callable[[random.Random], object], seconds: float) -> tuple[int, int]:
    """Run an action with growing seeds for some seconds; return how often, and how often it succeeded."""
    deadline, seed, succeeded = time.monotonic() + seconds, 15, 0
    while time.monotonic() < deadline or seed < 65:
        try:
            action(random.Random(seed))
            succeeded += 1
        except FacecamError:
            pass
        except Exception as error:  # the seed repeats it
            raise AssertionError(f"seed {seed}: {error!r}") from error
        seed += 1
    return seed - 15, succeeded


@pytest.mark.parametrize("seconds", [1, pytest.param(300, marks=[pytest.mark.long, pytest.mark.timeout(600)])])
def test_a_damaged_trained_network_is_refused_with_a_sentence(trained: Path, seconds: int) -> None:
    content = (trained / "network.json").read_bytes()
    weights = (trained / "weights.safetensors").read_bytes()

    def read(moves: random.Random) -> None:
        facts = json.loads(content)
        if moves.random() < 0.3:
            # Damaged weights with their own hash, as of a file that was written wrongly.
            changed = mutate(weights, [weights], moves)
            (trained / "weights.safetensors").write_bytes(changed)
            facts["sha256"] = hashlib.sha256(changed).hexdigest()
        else:
            (trained / "weights.safetensors").write_bytes(weights)
        text = json.dumps(replaced(facts, moves)).encode()
        (trained / "network.json").write_bytes(mutate(text, [text], moves) if moves.random() < 0.5 else text)
        # As if the user's own facecam had written it: what comes after the authentication is tested here.
        approve(trained / "network.json", hashlib.sha256((trained / "network.json").read_bytes()).hexdigest(), TRAINED)
        network = read_trained(trained)
        assert all(isinstance(label, str) for label in network.labels)
        trained_arrays(network)

    tried, succeeded = try_all(read, seconds)

    assert 0 < succeeded < tried


@pytest.mark.parametrize("seconds", [1, pytest.param(300, marks=[pytest.mark.long, pytest.mark.timeout(600)])])
def test_a_damaged_manifest_is_refused_with_a_sentence(tmp_path: Path, seconds: int) -> None:
    source = manifest.models_dir() / manifest.MANIFEST
    content = source.read_bytes()

    def read(moves: random.Random) -> None:
        (tmp_path / manifest.MANIFEST).write_bytes(mutate(content, [content], moves))
        for entry in (*manifest.entries(tmp_path), *manifest.compiled_entries(tmp_path)):
            assert isinstance(entry.name, str)

    tried, succeeded = try_all(read, seconds)

    assert 0 < succeeded <= tried


@pytest.mark.parametrize("seconds", [1, pytest.param(300, marks=[pytest.mark.long, pytest.mark.timeout(600)])])
def test_a_damaged_description_of_an_embedding_network_is_refused_with_a_sentence(tmp_path: Path, seconds: int) -> None:
    network = tmp_path / "own.tflite"
    network.write_bytes(b"TFL3")
    content = b'label = "own"\nsize_px = 112\nchannels = "rgb"\nscaling = "unit"\nlength = 128\nlandmarks_xy = [[1, 2], [3, 4]]\n'

    def read(moves: random.Random) -> None:
        network.with_suffix(".toml").write_bytes(
            mutate(content, [content], moves) if moves.random() < 0.9 else content.split(b"landm")[0]
        )
        read_description(network)

    tried, succeeded = try_all(read, seconds)

    assert 0 < succeeded < tried


def test_a_network_folder_of_pipes_is_refused_at_once(trained: Path, tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    for name in ("network.json", "weights.safetensors"):
        folder = shutil.copytree(trained, tmp_path / f"pipe for {name}")
        (folder / name).unlink()
        os.mkfifo(folder / name)
        with pytest.raises(ModelError, match="pipe"):
            read_trained(folder)
    os.mkfifo(tmp_path / manifest.MANIFEST)
    with pytest.raises(ModelError, match="it is a pipe"):
        manifest.entries(tmp_path)


def test_a_network_that_crashes_litert_is_refused_with_a_sentence() -> None:
    content = bytearray((manifest.models_dir() / "face_reidentification_retail_0095.litert").read_bytes())
    assert embedding_shape("whole.tflite", bytes(content)) == (128, 256)
    content[16] = 0

    with pytest.raises(ModelError, match="is not a network in the format of LiteRT"):
        embedding_shape("damaged.tflite", bytes(content))
