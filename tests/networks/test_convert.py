"""The shipped LiteRT files are what the weights convert to, and `make models` records them in the manifest."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from facecam.errors import ModelError
from facecam.networks.convert import RECIPES, NetworkSource, convert, convert_shipped
from facecam.networks.litert import CompiledNetwork, open_network
from facecam.networks.manifest import MANIFEST, compiled_entries, compiled_entry, entries, entry, models_dir
from facecam.types import Floats


def batch(source: NetworkSource) -> Floats:
    sizes = [size or fallback for size, fallback in zip(source.shape, (2, 40, 40, 3), strict=True)]
    return np.random.default_rng(1).random(sizes, np.float32)


def test_every_recipe_is_shipped_and_listed_with_its_weights() -> None:
    listed = {network.name: network for network in compiled_entries()}

    assert list(listed) == list(RECIPES)
    assert {name: network.weights for name, network in listed.items()} == {name: r.weights for name, r in RECIPES.items()}
    assert {recipe.weights for recipe in RECIPES.values()} <= {model.name for model in entries()}


@pytest.mark.parametrize("name", RECIPES)
def test_every_entry_is_complete(name: str) -> None:
    network = compiled_entry(name)

    assert network.file == f"{name}.litert"
    assert network.converter.startswith("tensorflow 2.")
    assert network.packaged or not entry(network.weights).packaged


@pytest.mark.parametrize("name", ["onet", "expression_facecam_v1"])
def test_a_network_converted_again_gives_the_outputs_of_the_shipped_one(name: str) -> None:
    source = RECIPES[name]

    rebuilt = CompiledNetwork(name, convert(name, source), threads=1)
    shipped = open_network(name, threads=1)
    assert rebuilt(batch(source)) == pytest.approx(shipped(batch(source)), abs=1e-5)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Copy the manifest to a folder without compiled networks."""
    shutil.copy(models_dir() / MANIFEST, tmp_path)
    return tmp_path


def test_converting_updates_the_manifest_and_nothing_else_in_it(models: Path) -> None:
    text = (models / MANIFEST).read_text(encoding="utf-8")
    known = compiled_entry("pnet").sha256
    (models / MANIFEST).write_text(text.replace(known, "0" * 64), encoding="utf-8")

    (converted,) = convert_shipped(["pnet"], models)

    assert converted == compiled_entry("pnet", models)
    assert (models / converted.file).stat().st_size == converted.size_bytes
    assert (models / MANIFEST).read_text(encoding="utf-8").replace(converted.sha256, known) == text


def test_a_conversion_with_other_outputs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CompiledNetwork, "__call__", lambda self, batch: np.full((2, 15), np.nan, np.float32))

    with pytest.raises(ModelError, match="onet gives different outputs once converted"):
        convert("onet", RECIPES["onet"])


@pytest.mark.parametrize("name", ["vgg", "mtcnn"])
def test_an_unknown_network_is_an_error_that_lists_the_known_ones(name: str) -> None:
    with pytest.raises(ModelError, match=rf"unknown model '{name}'; choose one of pnet, rnet"):
        open_network(name, threads=1)
