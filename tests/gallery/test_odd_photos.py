"""Photos that damage, size or kind make unusable: each is reported by name, and everything else goes on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from facecam.enrollment.enroll import judge_photo
from facecam.enrollment.samples import SelectionRule
from facecam.errors import ImageError
from facecam.gallery.audit import audit_gallery
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import read_people
from facecam.gallery.verify import verify_gallery
from facecam.imageio import read_image
from facecam.networks.embedding_networks import embedding_network
from facecam.recognition.face_analyzer import FaceAnalyzer
from facecam.settings import Settings
from facecam.types import Face, FaceObservation
from tests.image_samples import odd_photos


@pytest.fixture(scope="module")
def analyzer() -> FaceAnalyzer:
    return FaceAnalyzer(Settings())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """Gallery of Ada with a portrait and odd photos."""
    root = tmp_path_factory.mktemp("odd") / "gallery"
    (root / "Ada").mkdir(parents=True)
    shutil.copy(request.getfixturevalue("portraits")["eileen_collins"], root / "Ada" / "good.jpg")
    for name, data in odd_photos().items():
        (root / "Ada" / name).write_bytes(data)
    if os.name != "nt":
        os.mkfifo(root / "Ada" / "pipe.jpg")
        (root / "Ada" / "endless.jpg").symlink_to("/dev/zero")
    return root


def test_the_usable_photo_is_used_and_the_others_are_problems(folder: Path, analyzer: FaceAnalyzer) -> None:
    gallery = Gallery.load(folder, analyzer)

    assert [sample.sample_id for sample in gallery.samples] == ["Ada/good.jpg"]
    unreadable = {problem.path.name for problem in gallery.problems if problem.reason == "unreadable"}
    assert unreadable == {"byte.avif", "dds.jpg", "huge.png", "empty.heic"}
    assert {problem.path.name for problem in gallery.problems} == unreadable | {"wide.jpg"}


def test_verification_and_audit_name_them(folder: Path, analyzer: FaceAnalyzer) -> None:
    faults = {fault.path.name: fault.reason for fault in verify_gallery(folder, analyzer, "").faults}
    findings = {finding.photo.path.name: finding.reason for finding in audit_gallery(folder, Settings()).findings}

    for found in (faults, findings):
        assert found.keys() == odd_photos().keys()
        assert [found[name] for name in ("byte.avif", "dds.jpg", "huge.png", "empty.heic")] == ["unreadable"] * 4
        assert found["wide.jpg"] == "no_face"


def test_a_photo_that_is_no_file_is_unreadable_at_once(folder: Path, analyzer: FaceAnalyzer) -> None:
    rule = SelectionRule.for_network(embedding_network(Settings().identify.network))
    names = ["byte.avif", "dds.jpg"] if os.name == "nt" else ["byte.avif", "dds.jpg", "pipe.jpg", "endless.jpg"]

    assert {judge_photo(folder / "Ada" / name, analyzer, rule).reason for name in names} == {"unreadable"}
    assert {photo.name for photo in read_people(folder).people[0].photos} == {"good.jpg", *odd_photos()}


def test_an_image_on_which_detection_fails_is_an_image_error(analyzer: FaceAnalyzer, portraits: dict[str, Path]) -> None:
    portrait = read_image(portraits["eileen_collins"])
    too_wide_for_opencv = np.tile(portrait[::4, ::4], (1, 260, 1))

    assert too_wide_for_opencv.shape[1] > 32_767
    with pytest.raises(ImageError, match="the image of 33280 x 128 pixels could not be analyzed"):
        analyzer.analyze(too_wide_for_opencv)


@pytest.mark.parametrize("error", [RuntimeError("no result"), MemoryError(), cv2.error("assertion failed")])
def test_a_photo_on_which_a_network_fails_is_unreadable_and_the_others_are_used(
    tmp_path: Path, analyzer: FaceAnalyzer, portraits: dict[str, Path], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    for name in ("eileen_collins", "grace_hopper"):
        (tmp_path / name).mkdir()
        shutil.copy(portraits[name], tmp_path / name)
    observe = analyzer.observe

    def fail_once(bgr: np.ndarray, faces: Sequence[Face], embed: list[bool]) -> tuple[FaceObservation, ...]:
        if bgr.shape[0] == 512:
            raise error
        return observe(bgr, faces, embed)

    monkeypatch.setattr(analyzer, "observe", fail_once)
    loaded = Gallery.load(tmp_path, analyzer)

    assert [sample.name for sample in loaded.samples] == ["grace_hopper"]
    assert [(problem.path.name, problem.reason) for problem in loaded.problems] == [("eileen_collins.jpg", "unreadable")]


def test_a_face_in_a_very_wide_image_is_found_where_it_is(
    tmp_path: Path, analyzer: FaceAnalyzer, portraits: dict[str, Path]
) -> None:
    canvas = np.full((256, 32_767, 3), 127, np.uint8)
    canvas[:, 20_000:20_256] = read_image(portraits["eileen_collins"])[::2, ::2, ::-1]
    Image.fromarray(canvas).save(tmp_path / "wide.jpg", quality=95)

    bgr = read_image(tmp_path / "wide.jpg")
    (face,) = analyzer.analyze(bgr)

    assert bgr.shape == (250, 32_000, 3)
    assert 20_000 < face.face.box.x * 32_767 / 32_000 < 20_256
    assert face.embedding is not None
