"""Model files are used only if they match the manifest exactly."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from facecam.errors import ModelError
from facecam.networks import manifest

SHIPPED = [model.name for model in manifest.entries()]
COMPILED = [network.name for network in manifest.compiled_entries()]
SMALL = "imagenet_classes"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Copy the manifest and the small files to a folder where they may be damaged."""
    for name in (manifest.MANIFEST, "imagenet_classes.tsv", "mtcnn.safetensors"):
        shutil.copy(manifest.models_dir() / name, tmp_path / name)
    return tmp_path


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_file_matches_the_manifest(name: str) -> None:
    assert manifest.verified_path(name).name == manifest.entry(name).file


@pytest.mark.parametrize("name", COMPILED)
def test_every_compiled_network_matches_the_manifest(name: str) -> None:
    assert manifest.verified_compiled_path(name).name == f"{name}.litert"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_model_has_a_card(name: str) -> None:
    assert (manifest.models_dir() / f"{name}.md").read_text(encoding="utf-8").startswith(f"# {name}")


def test_the_folder_contains_only_listed_files() -> None:
    listed = {model.file for model in (*manifest.entries(), *manifest.compiled_entries())}
    binaries = {path.name for path in manifest.models_dir().iterdir() if path.suffix not in (".md", ".toml", "")}

    assert binaries == listed


def test_the_default_network_of_the_settings_is_that_of_the_registry() -> None:
    from facecam.networks.embedding_networks import DEFAULT_NETWORK
    from facecam.settings import IdentifySettings

    assert IdentifySettings().network == DEFAULT_NETWORK
    assert manifest.entry(DEFAULT_NETWORK).role == "embedding"


def test_the_arrays_of_a_safetensors_file_are_returned_by_name() -> None:
    arrays = manifest.load_arrays("mtcnn")

    assert arrays["pnet/conv1/kernel"].shape == (3, 3, 3, 10)
    assert all(np.isfinite(array).all() for array in arrays.values())


def test_loading_arrays_from_another_format_is_an_error() -> None:
    with pytest.raises(ModelError, match=r"not as \.safetensors"):
        manifest.load_arrays(SMALL)


def test_an_unknown_name_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match=r"'vgg'.*mtcnn.*imagenet_classes"):
        manifest.verified_path("vgg")


def test_a_truncated_file_is_an_error_with_advice(copied: Path) -> None:
    path = copied / "imagenet_classes.tsv"
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(ModelError, match=r"damaged.*imagenet_classes\.tsv has 24362 bytes, expected 24363.*restore"):
        manifest.verified_path(SMALL, copied)


def test_a_file_with_one_flipped_bit_is_not_loaded(copied: Path) -> None:
    flip_a_bit(copied / "mtcnn.safetensors")

    with pytest.raises(ModelError, match=r"damaged.*SHA-256.*restore"):
        manifest.load_arrays("mtcnn", copied)


def test_damage_after_verification_is_noticed(copied: Path) -> None:
    path = manifest.verified_path(SMALL, copied)
    flip_a_bit(path)
    os.utime(path, ns=(1, 1))

    with pytest.raises(ModelError, match="damaged"):
        manifest.verified_path(SMALL, copied)


def test_a_missing_file_is_named(copied: Path) -> None:
    with pytest.raises(ModelError, match=r"missing: .*expression_facecam_v1\.safetensors; restore"):
        manifest.verified_path("expression_facecam_v1", copied)


def test_a_missing_or_damaged_compiled_network_is_an_error_with_advice(copied: Path) -> None:
    with pytest.raises(ModelError, match=r"the compiled network pnet is missing: .*pnet\.litert; restore .* or reinstall"):
        manifest.verified_compiled_path("pnet", copied)

    shutil.copy(manifest.models_dir() / "pnet.litert", copied)
    flip_a_bit(copied / "pnet.litert")
    with pytest.raises(ModelError, match=r"the compiled network pnet is damaged: .*pnet\.litert has SHA-256 .*; restore"):
        manifest.verified_compiled_path("pnet", copied)


def test_a_file_of_the_source_tree_is_an_error_with_advice_in_an_installation(copied: Path) -> None:
    installed = copied.rename(copied.parent / "_models")

    with pytest.raises(ModelError, match=r"openface_v1\.litert is not part of .*get the source tree, run `make models`"):
        manifest.verified_compiled_path("nn4_small2_openface_v1", installed)
    with pytest.raises(ModelError, match=r"nn4_small2_openface_v1\.safetensors is not part of an installed facecam"):
        manifest.load_arrays("nn4_small2_openface_v1", installed)


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
def test_a_malformed_manifest_is_a_model_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / manifest.MANIFEST).write_text(text, encoding="utf-8")

    with pytest.raises(ModelError, match=message):
        manifest.entries(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"role": "oracle"}, "has the role 'oracle'"),
        ({"role": "embedding"}, "need a table `embedding`"),
        ({"embedding": {}}, "need a table `embedding`"),
        ({"file": "../elsewhere.bin"}, "without a folder"),
    ],
)
def test_an_inconsistent_entry_is_an_error(changes: dict[str, object], message: str) -> None:
    fields: dict[str, object] = {
        "name": "x", "role": "labels", "file": "x.tsv", "size_bytes": 1, "sha256": "0", "license": "MIT", "source": "nowhere",
    }  # fmt: skip

    with pytest.raises(ModelError, match=message):
        manifest.ModelEntry(**{**fields, **changes})  # type: ignore[arg-type]
