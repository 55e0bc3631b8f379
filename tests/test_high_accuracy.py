"""The high-accuracy network, 256 numbers from 128 pixels, where embeddings are computed, stored, compared and explained."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from facecam.errors import TeachingError
from facecam.explain.occlusion import FaceExplainer
from facecam.explain.process import ExplainerProcess
from facecam.gallery.audit import audit_gallery
from facecam.gallery.cache import CacheContent, cache_folder
from facecam.gallery.gallery import Gallery
from facecam.imageio import read_image, write_image
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.networks.user_networks import read_trained, trained_arrays
from facecam.recognition.face_analyzer import FaceAnalyzer, open_face_analyzer
from facecam.recognition.matching import Index
from facecam.settings import Settings
from facecam.training.names import NamesData, aligned_crops, finetune_names, save_names
from facecam.types import Image

SETTINGS = Settings().replace({"identify.network": HIGH_ACCURACY_NETWORK})
NETWORK = embedding_network(HIGH_ACCURACY_NETWORK)
PEOPLE = ("eileen_collins", "grace_hopper")


@pytest.fixture(scope="module")
def analyzer() -> Iterator[FaceAnalyzer]:
    with open_face_analyzer(SETTINGS) as analyzer:
        yield analyzer


@pytest.fixture(scope="module")
def default_analyzer() -> Iterator[FaceAnalyzer]:
    with open_face_analyzer(Settings()) as analyzer:
        yield analyzer


@pytest.fixture
def folder(tmp_path: Path, portraits: dict[str, Path]) -> Path:
    """Gallery of two people with two photos each; the second is brighter."""
    for name in PEOPLE:
        person = tmp_path / "gallery" / name
        person.mkdir(parents=True)
        shutil.copy(portraits[name], person)
        write_image(person / "brighter.png", np.clip(read_image(portraits[name]) * 1.1, 0, 255).astype(np.uint8))
    return tmp_path / "gallery"


class CountingAnalyzer:
    """Analyzer that counts the images it passes on."""

    def __init__(self, analyzer: FaceAnalyzer) -> None:
        self.embedding_id = analyzer.embedding_id
        self.images = 0
        self._analyzer = analyzer

    def analyze(self, bgr: Image):
        self.images += 1
        return self._analyzer.analyze(bgr)


@pytest.mark.parametrize("name", PEOPLE)
def test_quality_and_gates_do_not_depend_on_the_network(
    analyzer: FaceAnalyzer, default_analyzer: FaceAnalyzer, portraits: dict[str, Path], name: str
) -> None:
    bgr = read_image(portraits[name])

    for image in (bgr, bgr[::3, ::3], np.full_like(bgr, 20) // 4 + bgr // 8):
        found, expected = analyzer.analyze(image), default_analyzer.analyze(image)

        assert [(one.face.box, one.quality, one.gate) for one in found] == [
            (one.face.box, one.quality, one.gate) for one in expected
        ]


def test_faces_have_the_networks_crop_and_embedding(analyzer: FaceAnalyzer, portraits: dict[str, Path]) -> None:
    (face,) = analyzer.analyze(read_image(portraits["grace_hopper"]))

    assert face.crop_rgb is not None
    assert face.embedding is not None
    assert face.crop_rgb.shape == (NETWORK.alignment.size_px, NETWORK.alignment.size_px, 3)
    assert face.embedding.shape == (NETWORK.length,)
    assert np.linalg.norm(face.embedding) == pytest.approx(1, abs=1e-5)


def test_the_cache_returns_the_embeddings_without_the_network(analyzer: FaceAnalyzer, folder: Path) -> None:
    first = Gallery.load(folder, analyzer)
    counting = CountingAnalyzer(analyzer)

    again = Gallery.load(folder, counting)

    assert counting.images == 0
    assert len(again.samples) == 4
    assert all((a.embedding == b.embedding).all() for a, b in zip(first.samples, again.samples, strict=True))
    assert {sample.embedding.shape for sample in again.samples} == {(NETWORK.length,)}


def test_each_network_has_a_cache_of_its_own(analyzer: FaceAnalyzer, default_analyzer: FaceAnalyzer, folder: Path) -> None:
    for one in (analyzer, default_analyzer, analyzer):
        gallery = Gallery.load(folder, one)

    contents = [CacheContent.read(path, folder) for path in cache_folder(folder).glob("*.embeddings")]
    lengths = {
        len(entry.embedding) for some in contents if some for entry in some.entries.values() if entry.embedding is not None
    }
    assert lengths == {embedding_network(DEFAULT_NETWORK).length, NETWORK.length}
    assert {sample.embedding.shape for sample in gallery.samples} == {(NETWORK.length,)}


def test_the_index_finds_the_person_of_another_photo(analyzer: FaceAnalyzer, folder: Path) -> None:
    samples = Gallery.load(folder, analyzer).samples
    enrolled = Index([sample for sample in samples if sample.photo.suffix == ".jpg"])
    photos = [sample for sample in samples if sample.photo.suffix == ".png"]

    matches = enrolled.nearest_batch(np.stack([sample.embedding for sample in photos]))

    for sample, (nearest, second) in zip(photos, matches, strict=True):
        assert nearest is not None
        assert second is not None
        assert nearest.name == sample.name
        assert nearest.distance_l2 < NETWORK.threshold_l2 < second.distance_l2


def test_the_index_refuses_embeddings_of_another_network(
    analyzer: FaceAnalyzer, default_analyzer: FaceAnalyzer, folder: Path, portraits: dict[str, Path]
) -> None:
    index = Index(Gallery.load(folder, analyzer).samples)
    (face,) = default_analyzer.analyze(read_image(portraits["grace_hopper"]))
    assert face.embedding is not None

    with pytest.raises(ValueError, match=r"embeddings are \(1, 128\), expected \(faces, 256\)"):
        index.nearest(face.embedding)


def test_a_gallery_can_be_audited(folder: Path) -> None:
    result = audit_gallery(folder, SETTINGS)

    assert result.before.samples == 4
    assert result.embedding_id.startswith(HIGH_ACCURACY_NETWORK)


def test_the_saliency_map_has_the_crops_size_and_is_the_same_from_the_process(
    analyzer: FaceAnalyzer, portraits: dict[str, Path]
) -> None:
    (eileen,), (grace,) = (analyzer.analyze(read_image(portraits[name])) for name in PEOPLE)
    assert eileen.crop_rgb is not None
    assert grace.embedding is not None
    settings = SETTINGS.replace({"identify.threads": 1}).identify
    process = ExplainerProcess(settings)
    try:
        from_process = process.face(eileen.crop_rgb, grace.embedding)
    finally:
        process.close()

    saliency_map = FaceExplainer(settings).explain(eileen.crop_rgb, grace.embedding)

    assert saliency_map.shape == (NETWORK.alignment.size_px, NETWORK.alignment.size_px)
    assert saliency_map.max() == 1
    assert (saliency_map == from_process).all()


def test_names_are_trained(analyzer: FaceAnalyzer, folder: Path, tmp_path: Path) -> None:
    samples = Gallery.load(folder, analyzer).samples

    save_names(NamesData.from_samples(samples, HIGH_ACCURACY_NETWORK), 0.01, NETWORK.threshold_l2, tmp_path / "names")

    stored = read_trained(tmp_path / "names")
    assert stored.labels == PEOPLE
    assert trained_arrays(stored)["prototypes"].shape == (2, NETWORK.length)


def test_fine_tuning_is_refused_with_what_to_do(analyzer: FaceAnalyzer, folder: Path) -> None:
    samples = Gallery.load(folder, analyzer).samples
    data = NamesData.from_samples(samples, HIGH_ACCURACY_NETWORK, aligned_crops(samples, analyzer))

    with pytest.raises(TeachingError, match=r"cannot be fine-tuned, only nn4\.small2; train without --finetune"):
        finetune_names(data, 7, lambda epoch, epochs, loss: None)
