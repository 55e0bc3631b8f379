"""Weights are used only when they are exactly the manifest's."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from facecam.errors import ModelError
from facecam.networks import manifest

SHIPPED = [model.name for model in manifest.entries()]
SMALL = "imagenet_classes"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with the manifest and the small files, to be damaged."""
    for name in (manifest.MANIFEST, "imagenet_classes.tsv", "mtcnn.safetensors"):
        shutil.copy(manifest.models_dir() / name, tmp_path / name)
    return tmp_path


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_listed_file_is_the_one_that_was_listed(name: str) -> None:
    assert manifest.verified_path(name).name == manifest.entry(name).file


@pytest.mark.parametrize("name", SHIPPED)
def test_every_model_has_a_card(name: str) -> None:
    assert (manifest.models_dir() / f"{name}.md").read_text(encoding="utf-8").startswith(f"# {name}")


def test_nothing_lies_in_the_folder_that_the_manifest_does_not_list() -> None:
    listed = {model.file for model in manifest.entries()}
    binaries = {path.name for path in manifest.models_dir().iterdir() if path.suffix not in (".md", ".toml", "")}

    assert binaries == listed


def test_the_default_network_of_the_settings_is_listed_with_its_distances() -> None:
    from facecam.settings import IdentifySettings

    model = manifest.entry(IdentifySettings().network)

    assert model.role == "embedding"
    assert model.threshold_l2 is not None
    assert 0 < model.threshold_l2 <= 2


def test_arrays_of_a_safetensors_file_come_by_name() -> None:
    arrays = manifest.load_arrays("mtcnn")

    assert arrays["pnet/conv1/kernel"].shape == (3, 3, 3, 10)
    assert all(np.isfinite(array).all() for array in arrays.values())


def test_a_file_of_another_kind_has_no_arrays_to_load() -> None:
    with pytest.raises(ModelError, match=r"no \.safetensors file"):
        manifest.load_arrays(SMALL)


def test_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(ModelError, match=r"'vgg'.*mtcnn.*imagenet_classes"):
        manifest.verified_path("vgg")


def test_a_truncated_file_is_refused_with_what_to_do(copied: Path) -> None:
    path = copied / "imagenet_classes.tsv"
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(ModelError, match=r"damaged.*imagenet_classes\.tsv has 24362 bytes, expected 24363.*restore"):
        manifest.verified_path(SMALL, copied)


def test_a_file_with_one_flipped_bit_is_refused_and_not_loaded(copied: Path) -> None:
    flip_a_bit(copied / "mtcnn.safetensors")

    with pytest.raises(ModelError, match=r"damaged.*SHA-256.*restore"):
        manifest.load_arrays("mtcnn", copied)


def test_a_file_that_is_damaged_after_it_was_verified_is_noticed(copied: Path) -> None:
    path = manifest.verified_path(SMALL, copied)
    flip_a_bit(path)
    os.utime(path, ns=(1, 1))

    with pytest.raises(ModelError, match="damaged"):
        manifest.verified_path(SMALL, copied)


def test_a_missing_file_is_named(copied: Path) -> None:
    with pytest.raises(ModelError, match=r"missing: .*fer_mini_xception\.hdf5; restore"):
        manifest.verified_path("fer_mini_xception", copied)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"list of models is missing: .*MANIFEST\.toml; restore"):
        manifest.entries(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not toml", "cannot be read"),
        ("", "cannot be read"),
        ('[[model]]\nname = "x"', "cannot be read"),
        ('[[model]]\nname = "x"\nbytes = 1\nflavour = "y"', "cannot be read"),
    ],
)
def test_a_manifest_that_says_something_else_is_a_model_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / manifest.MANIFEST).write_text(text, encoding="utf-8")

    with pytest.raises(ModelError, match=message):
        manifest.entries(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"role": "oracle"}, "has the role 'oracle'"),
        ({"role": "embedding"}, "threshold, margin and band"),
        ({"threshold_l2": 0.3}, "threshold, margin and band"),
        ({"file": "../elsewhere.bin"}, "without a folder"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(changes: dict[str, object], message: str) -> None:
    fields: dict[str, object] = {
        "name": "x", "role": "labels", "file": "x.tsv", "size_bytes": 1, "sha256": "0", "license": "MIT", "source": "nowhere",
    }  # fmt: skip

    with pytest.raises(ModelError, match=message):
        manifest.ModelEntry(**{**fields, **changes})  # type: ignore[arg-type]
